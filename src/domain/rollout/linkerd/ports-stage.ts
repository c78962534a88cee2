import { asObjects, asText, at } from '../../../lib/json.ts';
import { workloadsBehind } from '../../calls/find-services.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { OPAQUE_PORTS } from '../../mesh/linkerd/names.ts';
import { protocolByAppProtocol } from '../../mesh/linkerd/protocol/client-protocol.ts';
import { MESHES } from '../../mesh/registry.ts';
import type { PatchStep } from '../../world/step.ts';
import { servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import { addStage, tryNow, writeStage, type Planning } from '../planning.ts';
import type { StageParts } from '../stage-draft.ts';
import { serviceAnnotation } from './opaque-ports.ts';
import type { LinkerdFacts } from './linkerd-facts.ts';

/** Id of the stage that puts right what Services say of their ports. */
export const PORTS_STAGE = 'service-ports';

/** Values that stand for HTTP or TLS, which the proxies find out by themselves; Linkerd takes them for opaque. */
const FOUND_OUT = /^(grpc|grpc-web|https?|http2|h2c?|tls|kubernetes\.io\/wss?)$/i;

/**
 * Plans what Services must say before any pod has a proxy: ports at which the server speaks first are opaque, and an
 * `appProtocol` that Linkerd does not know does not make HTTP opaque. Undefined where nothing needs it.
 */
export function planServicePorts(
  planning: Planning,
  facts: LinkerdFacts,
  namespaces: readonly string[],
): string | undefined {
  const found = namespaces.map((namespace) => changesIn(planning, facts, namespace));
  const steps = found.flatMap((each) => each.steps);
  const notes = found.flatMap((each) => each.notes);
  if (steps.length === 0 && notes.length === 0) return undefined;
  const parts: StageParts = {
    id: PORTS_STAGE,
    kind: 'enrol',
    title: 'What Services say of their ports',
    why: 'A proxy that waits for the first bytes of a client, where the server speaks first, stalls the call for ten seconds or closes it; and a port that is opaque by mistake loses its metrics, retries and routes.',
    risk: 'Clients that are in the mesh already treat these ports differently from the moment of the change.',
    doesNotChange: 'No pod restarts, and callers outside the mesh notice nothing.',
    dependsOn: ['control-plane'],
    scope: { namespaces: [...new Set(steps.map(({ target }) => target.namespace ?? ''))], workloads: [] },
    notes: ['The same annotation of the pods is set with their wave, so that they restart once.', ...notes],
    exitGate: steps.map((step): NonNullable<StageParts['exitGate']>[number] => ({
      id: `says-${step.target.namespace ?? ''}-${step.target.name}`,
      text: `Service ${step.target.namespace ?? ''}/${step.target.name} still says what the stage wrote, after its source was synced.`,
    })),
  };
  if (steps.length === 0) {
    addStage(planning, parts, 'ready');
    return undefined;
  }
  writeStage(planning, {
    parts,
    trial: tryNow(planning, PORTS_STAGE, steps),
    state: 'ready',
    timeToEffect: 'seconds (the destination controller tells clients)',
    validWhile: 'no workload behind these Services is enrolled',
  });
  return PORTS_STAGE;
}

interface Changes {
  readonly steps: readonly PatchStep[];
  readonly notes: readonly string[];
}

function changesIn(planning: Planning, facts: LinkerdFacts, namespace: string): Changes {
  const services = servicesIn(planning.world, namespace);
  const all = services.map((service) => changesOf(planning, facts, service));
  return { steps: all.flatMap(({ steps }) => steps), notes: all.flatMap(({ notes }) => notes) };
}

function changesOf(planning: Planning, facts: LinkerdFacts, service: Service): Changes {
  const workloads = workloadsBehind(planning.world, service).map(({ workload }) => workload);
  const opaque = workloads.length === 0 ? undefined : serviceAnnotation(planning, facts, { service, workloads });
  const mistaken = service.ports.filter(isMistaken);
  const keeps = mistaken.length === 0 ? undefined : whyKept(planning.world, service);
  const removed = keeps === undefined ? mistaken : [];
  const name = `Service ${service.namespace}/${service.name}`;
  const notes = mistaken
    .filter((port) => !removed.includes(port))
    .map(
      (port) =>
        `${name} port ${String(port.port)} stays opaque for clients in the mesh (appProtocol: ${port.appProtocol ?? ''}): mutual TLS works, without metrics, retries and routes of HTTP. The value is left, because ${keeps ?? ''}.`,
    );
  if (opaque === undefined && removed.length === 0) return { steps: [], notes };
  const patch = {
    ...(opaque === undefined ? {} : { metadata: { annotations: { [OPAQUE_PORTS]: opaque } } }),
    ...(removed.length === 0
      ? {}
      : { spec: { ports: removed.map(({ port, protocol }) => ({ port, protocol, appProtocol: null })) } }),
  };
  const why = [
    ...(opaque === undefined ? [] : ['the server speaks first there']),
    ...(removed.length === 0 ? [] : ['Linkerd takes an appProtocol that it does not know for opaque']),
  ].join('; ');
  return { steps: [{ step: 'patch', target: refOf(service.object), patch, why }], notes };
}

function isMistaken({ appProtocol, protocol }: ServicePort): boolean {
  if (appProtocol === undefined || protocol !== 'TCP' || appProtocol.toLowerCase() === 'http') return false;
  return protocolByAppProtocol(appProtocol) === 'opaque' && FOUND_OUT.test(appProtocol);
}

/** Who else reads the value; undefined where nobody is known to. */
function whyKept(world: World, service: Service): string | undefined {
  if (service.type === 'LoadBalancer') return 'the load balancer probes the port as the value says';
  const other = MESHES.find(
    (mesh) => mesh.id !== 'linkerd' && ['active', 'external', 'unknown'].includes(mesh.detect(world).state),
  );
  if (other !== undefined) return `${other.displayName} is here, or may be, and reads it`;
  const reader = readersOf(world, service);
  return reader === undefined ? undefined : `${reader} leads to the Service, and its implementation may read it`;
}

const ROUTES = [KIND.httpRoute, KIND.grpcRoute, KIND.tcpRoute, KIND.tlsRoute] as const;

function readersOf(world: World, { namespace, name }: Service): string | undefined {
  const byIngress = world
    .listIn(KIND.ingress, namespace)
    .objects.find(({ spec }) => JSON.stringify(spec ?? {}).includes(`"service":{"name":${JSON.stringify(name)}`));
  if (byIngress !== undefined) return `Ingress ${byIngress.metadata.name}`;
  const isBackend = (spec: unknown, home: string): boolean =>
    asObjects(at(spec, 'rules')).some((rule) =>
      asObjects(rule['backendRefs']).some(
        (ref) => asText(ref['name']) === name && (asText(ref['namespace']) ?? home) === namespace,
      ),
    );
  const route = ROUTES.flatMap((kind) => world.list(kind).objects).find(({ spec, metadata }) =>
    isBackend(spec, metadata.namespace ?? ''),
  );
  return route === undefined ? undefined : `${route.kind} ${route.metadata.name}`;
}
