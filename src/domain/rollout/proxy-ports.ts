import { PROXY_PORTS } from '../mesh/linkerd/names.ts';
import type { Target } from './plan.ts';

/**
 * Whether the container port is one of the sidecar's own (https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio),
 * which no policy stands before and no application can use.
 */
function isAgentPort(port: number): boolean {
  return (port >= 15000 && port <= 15008) || port === 15020 || port === 15021 || port === 15090;
}

/** Where ztunnel listens in the pod's own network; the agent's other ports are the application's to use. Source: https://istio.io/latest/docs/ambient/architecture/traffic-redirection/. */
const OF_ZTUNNEL: ReadonlySet<number> = new Set([15001, 15006, 15008, 15053]);

const OF_LINKERD: ReadonlySet<number> = new Set<number>(Object.values(PROXY_PORTS));

/** Whether the container port is one of Linkerd's proxy: linkerd2 charts/linkerd-control-plane/values.yaml, proxy.ports. */
export function isLinkerdPort(port: number): boolean {
  return OF_LINKERD.has(port);
}

/** Tells the ports that a target's proxies take for themselves; those of another mesh are an application's like any. */
export const OWN_PORTS: Readonly<Record<Target, (port: number) => boolean>> = {
  'istio-sidecar': isAgentPort,
  'istio-ambient': (port) => OF_ZTUNNEL.has(port),
  linkerd: isLinkerdPort,
};
