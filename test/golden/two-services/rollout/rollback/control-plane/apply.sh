#!/bin/sh
# Undoes the stage control-plane: Control plane
# Takes effect in: minutes (helm uninstall istiod, then base)
# Valid while: not applied, or undone before it, last first: telemetry, enrol-shop-cde9
set -eu
cd "$(dirname "$0")"

# SKIP_VERIFY=yes goes on without asking the cluster, for when it cannot answer.
skip="${SKIP_VERIFY:-}" undone="${UNDONE_FIRST:-}"
if [ "$skip" != yes ] && command -v meshwise >/dev/null 2>&1; then
  meshwise verify --plan ../../plan.json --rollback control-plane
elif [ "$undone" != yes ]; then
  printf '%s\n' 'Undo these stages first, in this order: enrol-shop-cde9, telemetry. Then run this again with UNDONE_FIRST=yes.' >&2
  exit 1
fi

kubectl get pods -A -l 'security.istio.io/tlsMode=istio'
helm uninstall istiod-1-31 --namespace istio-system --wait
helm uninstall istio-base --namespace istio-system --wait
