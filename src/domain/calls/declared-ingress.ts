import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import { joinFound, type FoundCalls } from './found-calls.ts';
import { ingressBackends } from './ingress-backends.ts';
import { ingressSenders } from './ingress-controllers.ts';

/** The calls of ingress controllers to the Services that Ingresses name. */
export function declaredIngress(world: World): FoundCalls {
  return joinFound(world.list(KIND.ingress).objects.map((ingress) => fromIngress(world, ingress)));
}

function fromIngress(world: World, ingress: KubeObject): FoundCalls {
  const senders = ingressSenders(world, ingress);
  const source = formatRef(refOf(ingress));
  return joinFound(
    ingressBackends(ingress).map(({ backend, detail }) =>
      callsToBackend(world, backend, { senders, evidence: { kind: 'declared', source, detail }, protocol: 'http' }),
    ),
  );
}
