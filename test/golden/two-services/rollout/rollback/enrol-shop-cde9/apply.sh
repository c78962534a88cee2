#!/bin/sh
# Undoes the stage enrol-shop-cde9: Enrol 2 of shop
# Takes effect in: minutes (pods restart)
# Valid while: not applied, or undone before it, last first: enrol-namespace-shop, strict-exceptions-shop, strict-shop
set -eu
cd "$(dirname "$0")"

# SKIP_VERIFY=yes goes on without asking the cluster, for when it cannot answer.
skip="${SKIP_VERIFY:-}" undone="${UNDONE_FIRST:-}"
if [ "$skip" != yes ] && command -v meshwise >/dev/null 2>&1; then
  meshwise verify --plan ../../plan.json --rollback enrol-shop-cde9
elif [ "$undone" != yes ]; then
  printf '%s\n' 'Undo these stages first, in this order: strict-shop, strict-exceptions-shop, enrol-namespace-shop. Then run this again with UNDONE_FIRST=yes.' >&2
  exit 1
fi

kubectl patch deployment.apps/orders -n shop --type strategic --patch '{"spec":{"template":{"metadata":{"labels":{"istio.io/rev":null,"sidecar.istio.io/inject":"false"}}}}}'
kubectl rollout status deployment/orders -n shop
kubectl patch deployment.apps/web -n shop --type strategic --patch '{"spec":{"template":{"metadata":{"labels":{"istio.io/rev":null,"sidecar.istio.io/inject":"false"}}}}}'
kubectl rollout status deployment/web -n shop
kubectl delete --ignore-not-found -k delete
