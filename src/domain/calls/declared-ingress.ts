import { asNumber, asObject, asObjects, asText, at } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import { callsToBackend } from './backend-targets.ts';
import type { CallSource } from './call.ts';
import { joinFound, type FoundCalls } from './found-calls.ts';
import { ingressSenders } from './ingress-controllers.ts';

/** The calls of ingress controllers to the Services that Ingresses name. */
export function declaredIngress(world: World): FoundCalls {
  return joinFound(world.list(KIND.ingress).objects.map((ingress) => fromIngress(world, ingress)));
}

function fromIngress(world: World, ingress: KubeObject): FoundCalls {
  const senders = ingressSenders(world, ingress);
  const rules = asObjects(at(ingress.spec, 'rules')).flatMap((rule) => {
    const host = asText(rule['host']) ?? 'any host';
    return asObjects(at(rule, 'http', 'paths')).map((path) =>
      toService(world, ingress, {
        senders,
        backend: path['backend'],
        detail: `${host}, path ${asText(path['path']) ?? '/'}`,
      }),
    );
  });
  const fallback = at(ingress.spec, 'defaultBackend');
  return joinFound([...rules, toService(world, ingress, { senders, backend: fallback, detail: 'default backend' })]);
}

function toService(
  world: World,
  ingress: KubeObject,
  use: { readonly senders: readonly CallSource[]; readonly backend: unknown; readonly detail: string },
): FoundCalls {
  const service = asObject(at(use.backend, 'service'));
  const name = asText(service?.['name']);
  if (name === undefined) return joinFound([]);
  const namespace = ingress.metadata.namespace ?? '';
  const port = asNumber(at(service, 'port', 'number')) ?? asText(at(service, 'port', 'name'));
  const source = `Ingress ${namespace}/${ingress.metadata.name}`;
  return callsToBackend(
    world,
    { namespace, service: name, port },
    { senders: use.senders, evidence: { kind: 'declared', source, detail: use.detail }, protocol: 'http' },
  );
}
