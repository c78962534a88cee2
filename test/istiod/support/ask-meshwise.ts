import type { Call } from '../../../src/domain/calls/call.ts';
import { serversOf } from '../../../src/domain/calls/resolve-target.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import { chartWebhookConfigurations } from '../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import { doorsOf } from '../../../src/domain/simulate/answering.ts';
import { mannerOf } from '../../../src/domain/simulate/manner.ts';
import { pairFate, type PairFate } from '../../../src/domain/simulate/pair-fate.ts';
import { admit } from '../../../src/domain/world/admit.ts';
import { foldPods } from '../../../src/domain/world/fold-pods.ts';
import { cohortsOf, type Cohort, type Workload } from '../../../src/domain/world/workload.ts';
import { findWorkload } from '../../../src/domain/world/workloads-of.ts';
import type { World } from '../../../src/domain/world/world.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { ambientMesh, completeWorld, controlPlane } from '../../cases-runner/case-world.ts';
import type { AskedCall } from './ask-istiod.ts';
import type { PodOfDraft } from './manifests.ts';

/** The world as meshwise would have read it: the same manifests, beside the control plane that istiod itself is. */
export function worldOf(manifests: readonly JsonObject[], mesh: JsonObject, ambient: boolean): World {
  const plane = ambient ? ambientMesh({ mesh }) : controlPlane({ mesh });
  const webhooks = chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } });
  return completeWorld([...plane, ...webhooks, ...foldPods(manifests.map(admitted))]);
}

function admitted(manifest: JsonObject): KubeObject {
  const result = admit(manifest, { from: 'read' }, (text) => JSON.parse(text) as unknown);
  if (!('object' in result)) throw new Error(`not admitted: ${JSON.stringify(manifest)}`);
  return result.object;
}

/** What meshwise says of the call between the two pods. */
export function askMeshwise(
  asked: AskedCall,
  ends: { readonly client: PodOfDraft; readonly server: PodOfDraft },
  world: World,
): PairFate {
  const [client, target] = [workloadOf(ends.client, world), workloadOf(ends.server, world)];
  const call = callOf(asked, client, target);
  const server = serversOf(call, world).servers.find(
    ({ workload, port }) => workload.name === target.name && port === asked.targetPort,
  );
  const doors = server === undefined ? [] : doorsOf(server, world);
  const door = doors.find(({ end }) => isCohortOf(end.cohort, ends.server));
  const clientCohort = cohortsOf(client).find((cohort) => isCohortOf(cohort, ends.client));
  if (door === undefined || clientCohort === undefined) throw new Error(`nobody answers ${JSON.stringify(asked)}`);
  return pairFate({ call, client, clientCohort, door, manner: mannerOf(call, door.server, world) }, world);
}

function workloadOf({ workload: { namespace, name } }: PodOfDraft, world: World): Workload {
  const found = findWorkload(world, { namespace, kind: 'Deployment', name });
  if (found === undefined) throw new Error(`no workload ${namespace}/${name}`);
  return found;
}

function isCohortOf({ state, example }: Cohort, { name }: PodOfDraft): boolean {
  return state === 'live' && example === name;
}

function callOf(asked: AskedCall, client: Workload, { namespace, kind, name }: Workload): Call {
  const { service, servicePort, payload, method, path } = asked;
  return {
    id: 'asked',
    from: { kind: 'workload', workload: { namespace: client.namespace, kind: client.kind, name: client.name } },
    to:
      service === ''
        ? { kind: 'pod-port', workload: { namespace, kind, name }, port: asked.targetPort }
        : { kind: 'service-port', namespace, service, port: servicePort },
    phase: 'run',
    protocol: payload,
    ...(payload === 'http' ? { request: { method, path } } : {}),
    evidence: [{ kind: 'observed', source: 'generated', detail: 'generated' }],
  };
}
