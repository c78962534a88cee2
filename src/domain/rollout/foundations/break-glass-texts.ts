import type { Target } from '../plan.ts';

/** The commands for the first incident, one paragraph each. */
export function breakGlassNotes(target: Target): readonly string[] {
  return target === 'istio-ambient' ? AMBIENT : SIDECAR;
}

/** What goes on, and for how long, while the control plane is away. */
export function controlPlaneOutlasts(target: Target): string {
  return target === 'istio-ambient'
    ? 'istiod away for an hour: calls go on with what ztunnel knows; new pods are enrolled but get no certificate, and certificates end within a day of their issue.'
    : 'istiod away for an hour: calls go on with what the proxies know; no pod that asks for injection can start, new ones get no certificate, and certificates end within a day of their issue.';
}

const UNDO =
  'STRICT and deny are undone by the rollback of their stage, in seconds, last stage first; its page names what must be undone before it. Open connections stay as they are, and clients that keep a pool may need a restart.';

const SIDECAR: readonly string[] = [
  'Is it the mesh? istioctl proxy-status; istioctl x describe pod POD -n NAMESPACE; the access log of the server says who refused and why. Signatures: "connection reset by peer" and NR filter_chain_not_found is STRICT; 403 with "RBAC: access denied" is a policy; 503 with UF or URX is the server; a 403 without RBAC is the application.',
  UNDO,
  'A whole namespace refuses calls, and nobody knows why yet: apply its catch-all of the allow stage again (rules: [{}]). It admits everybody in seconds, and beside it no other ALLOW shuts anybody out; a DENY still does.',
  'One workload out of the mesh: label its pod template sidecar.istio.io/inject: "false" and restart it; not while its servers are STRICT.',
  'Pods that cannot start because istiod is away: bring istiod back; only then think of the webhook.',
];

const AMBIENT: readonly string[] = [
  'Is it the mesh? istioctl ztunnel-config workloads; istioctl ztunnel-config policies; the log of ztunnel on the server\'s node names source, target and error of every connection: "policy rejection" is a policy, "connection closed due to policy" STRICT or a policy that came later, "unauthorized" a missing identity. With a waypoint its access log says what it answered.',
  UNDO,
  'One workload out of the mesh: label its pods and its pod template istio.io/dataplane-mode: none. It takes effect at once, without a restart, and closes the connections that it has; not while its servers are STRICT.',
  'One node in trouble: cordon and drain it. Restarting ztunnel closes the connections of all pods on its node.',
  'Pods that do not start on a node: the events name plugin type="istio-cni". Bring istio-cni-node back on that node first; it takes itself out of the chain of plugins when it is uninstalled in order.',
];
