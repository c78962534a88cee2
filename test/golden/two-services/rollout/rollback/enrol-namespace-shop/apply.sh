#!/bin/sh
# Undoes the stage enrol-namespace-shop: Label namespace shop
# Takes effect in: seconds (new pods only)
# Valid while: always: workloads keep the label of their own template
set -eu
cd "$(dirname "$0")"

# SKIP_VERIFY=yes goes on without asking the cluster, for when it cannot answer.
skip="${SKIP_VERIFY:-}" undone="${UNDONE_FIRST:-}"
if [ "$skip" != yes ] && command -v meshwise >/dev/null 2>&1; then
  meshwise verify --plan ../../plan.json --rollback enrol-namespace-shop
fi

kubectl patch namespace/shop --type strategic --patch '{"metadata":{"labels":{"istio.io/rev":null}}}'
