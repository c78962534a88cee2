import { asNumber, asObjects, asText, at, type JsonObject } from '../../../lib/json.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { serverPortsOf } from '../../world/server-ports.ts';
import { cohortsOf, formatWorkload, type Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { sameValue } from '../same-value.ts';

/**
 * Ports of these workloads that peers of a NetworkPolicy reach behind the proxy's port and did not reach before, each as
 * an opening. `others` are all policies of the namespace that isolate ingress of the workload, the policy among them.
 * Source: https://github.com/linkerd/linkerd2/issues/15246.
 */
export function dissolvedPorts(
  world: World,
  policy: KubeObject,
  {
    workloads,
    others,
  }: { readonly workloads: readonly Workload[]; readonly others: (workload: Workload) => readonly KubeObject[] },
): readonly string[] {
  return workloads.flatMap((workload) => {
    const rules = others(workload).flatMap(ingressOf);
    const ports = serverPortsOf(workload, world).filter((port) =>
      ingressOf(policy).some(
        (rule) =>
          asObjects(rule['ports']).length > 0 &&
          !covers(rule, port, workload) &&
          !rules.some((other) => covers(other, port, workload) && admitsPeersOf(other, rule)),
      ),
    );
    if (ports.length === 0) return [];
    return [
      `${formatWorkload(workload)} port ${ports.map(String).join(', ')} by mutual TLS of the mesh at 4143, to peers that NetworkPolicy ${policy.metadata.name} admits to other ports alone`,
    ];
  });
}

function ingressOf({ spec }: KubeObject): readonly JsonObject[] {
  return asObjects(at(spec, 'ingress'));
}

/** Everybody, or peers that are written in the same words. */
function admitsPeersOf(other: JsonObject, rule: JsonObject): boolean {
  return asObjects(other['from']).length === 0 || sameValue(other['from'], rule['from']);
}

function covers(rule: JsonObject, port: number, workload: Workload): boolean {
  const entries = asObjects(rule['ports']);
  return entries.length === 0 || entries.some((entry) => coversPort(entry, port, workload));
}

function coversPort(entry: JsonObject, port: number, workload: Workload): boolean {
  if ((asText(entry['protocol']) ?? 'TCP') !== 'TCP') return false;
  const name = asText(entry['port']);
  const first = asNumber(entry['port']);
  if (first !== undefined) return first <= port && port <= (asNumber(entry['endPort']) ?? first);
  if (name === undefined) return entry['port'] === undefined;
  return cohortsOf(workload).every(({ pod }) =>
    pod.containers.some(({ ports }) => ports.some((each) => each.name === name && each.port === port)),
  );
}
