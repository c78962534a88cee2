#!/bin/sh
# Undoes the stage telemetry: Telemetry
# Takes effect in: seconds (configuration push)
# Valid while: not applied, or undone before it, last first: enrol-shop-cde9
set -eu
cd "$(dirname "$0")"

# SKIP_VERIFY=yes goes on without asking the cluster, for when it cannot answer.
skip="${SKIP_VERIFY:-}" undone="${UNDONE_FIRST:-}"
if [ "$skip" != yes ] && command -v meshwise >/dev/null 2>&1; then
  meshwise verify --plan ../../plan.json --rollback telemetry
elif [ "$undone" != yes ]; then
  printf '%s\n' 'Undo these stages first, in this order: enrol-shop-cde9. Then run this again with UNDONE_FIRST=yes.' >&2
  exit 1
fi

kubectl delete --ignore-not-found -k delete
