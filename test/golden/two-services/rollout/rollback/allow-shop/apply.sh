#!/bin/sh
# Undoes the stage allow-shop: Enforce the allow rules beside the catch-all in shop
# Takes effect in: seconds (configuration push)
# Valid while: not applied, or undone before it, last first: deny-shop
set -eu
cd "$(dirname "$0")"

# SKIP_VERIFY=yes goes on without asking the cluster, for when it cannot answer.
skip="${SKIP_VERIFY:-}" undone="${UNDONE_FIRST:-}"
if [ "$skip" != yes ] && command -v meshwise >/dev/null 2>&1; then
  meshwise verify --plan ../../plan.json --rollback allow-shop
elif [ "$undone" != yes ]; then
  printf '%s\n' 'Undo these stages first, in this order: deny-shop. Then run this again with UNDONE_FIRST=yes.' >&2
  exit 1
fi

kubectl apply --server-side -k apply
