import { asObjects, asText, at, type JsonObject } from '../../lib/json.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../kubernetes/object.ts';
import type { World } from '../world/world.ts';
import { admittedCalls, type AdmittedClass, type AdmittedTarget } from './admitted-calls.ts';
import { consulWorkloads } from './consul-names.ts';
import { podsOf } from './find-workloads.ts';
import { foundNothing, joinFound, type FoundCalls } from './found-calls.ts';
import { callablePorts, targetsAtPodPort } from './pod-port-targets.ts';

/**
 * The calls that Consul's ServiceIntentions allow by name, from service to service; a source `*` tells of no caller.
 * Source: https://developer.hashicorp.com/consul/docs/reference/config-entry/service-intentions.
 */
export function declaredIntentions(world: World): FoundCalls {
  return joinFound(world.list(KIND.consulServiceIntentions).objects.map((object) => fromIntentions(world, object)));
}

function fromIntentions(world: World, object: KubeObject): FoundCalls {
  const source = formatRef(refOf(object));
  const allowed = asObjects(at(object.spec, 'sources')).filter(allows);
  if (allowed.length === 0) return joinFound([]);
  const destination = asText(at(object.spec, 'destination', 'name')) ?? '';
  if (destination === '*') return foundNothing(source, 'it is about every service, which tells of no call');
  const targets = targetsOf(world, destination);
  if (targets.length === 0) return foundNothing(source, `no workload here is service ${destination} in Consul`);
  const elsewhere = allowed.filter(isElsewhere).map((each) => `${asText(each['name']) ?? ''} of another cluster`);
  const named = allowed.filter((each) => !isElsewhere(each)).map((each) => asText(each['name']) ?? '');
  const classes = [...new Set(named)]
    .filter((name) => name !== '*')
    .map((name): AdmittedClass => ({ label: `service ${name}`, workloads: consulWorkloads(world, name) }));
  const unknown = elsewhere.map((label): AdmittedClass => ({ label: `service ${label}`, workloads: undefined }));
  const wide = named.includes('*') ? [foundNothing(source, 'it admits every service, which tells of no caller')] : [];
  const rule = `destination ${destination}`;
  return joinFound([admittedCalls({ source, rule, classes: [...classes, ...unknown], targets }), ...wide]);
}

/** A source with permissions is allowed some requests. */
function allows(source: JsonObject): boolean {
  if (asText(source['action']) === 'allow') return true;
  return asObjects(source['permissions']).some((permission) => permission['action'] === 'allow');
}

function isElsewhere(source: JsonObject): boolean {
  return [source['peer'], source['samenessGroup']].some((place) => (asText(place) ?? '') !== '');
}

function targetsOf(world: World, name: string): readonly AdmittedTarget[] {
  return consulWorkloads(world, name).flatMap((workload) => {
    const selected = { workload, pods: podsOf(workload) };
    return callablePorts(world, selected)
      .flatMap((port) => targetsAtPodPort(world, selected, { port, protocol: 'TCP' }))
      .map((to): AdmittedTarget => ({ to, workload }));
  });
}
