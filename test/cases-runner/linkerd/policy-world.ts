import {
  asList,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTextMap,
  at,
  type JsonObject,
} from '../../../src/lib/json.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import type { AuthorizeQuestion, ServerEnd } from '../../../src/domain/mesh/mesh.ts';
import { linkerd } from '../../../src/domain/mesh/linkerd/linkerd.ts';
import { linkerdJudgement } from '../../../src/domain/mesh/linkerd/policy/seam.ts';
import { known } from '../../../src/domain/world/fact.ts';
import type { World } from '../../../src/domain/world/world.ts';
import { completeWorld, object } from '../case-world.ts';
import { podEnd } from '../istio/seam-ends.ts';
import { chartValuesWith, linkerdControlPlane } from './linkerd-world.ts';

/** What a case says of the control plane; what it leaves out is as the chart has it. */
export interface PlaneParts {
  readonly clusterDefault?: string | undefined;
  readonly clusterNetworks?: unknown;
  readonly probeNetworks?: unknown;
}

/** The control plane in namespace linkerd, with the chart's values but for those that the case sets. */
function policyPlane({ clusterDefault, clusterNetworks, probeNetworks }: PlaneParts): readonly KubeObject[] {
  const networks = asList(clusterNetworks).join(',');
  return linkerdControlPlane(
    chartValuesWith({
      ...(clusterDefault === undefined ? {} : { 'proxy.defaultInboundPolicy': clusterDefault }),
      ...(networks === '' ? {} : { clusterNetworks: networks }),
      ...(probeNetworks === undefined ? {} : { 'policyController.probeNetworks': probeNetworks }),
    }),
  );
}

/** The pod of a case: ports, probes and containers as it lists them, behind a proxy unless it says otherwise. */
export interface PodParts {
  readonly namespace: string;
  readonly labels?: unknown;
  readonly annotations?: unknown;
  readonly ports?: unknown;
  readonly probes?: unknown;
  readonly containers?: unknown;
  readonly initContainers?: unknown;
  readonly meshed: boolean;
}

const PROXY: JsonObject = {
  name: 'linkerd-proxy',
  image: 'cr.l5d.io/linkerd/proxy:edge-26.8.3',
  ports: [
    { name: 'linkerd-proxy', containerPort: 4143 },
    { name: 'linkerd-admin', containerPort: 4191 },
  ],
  livenessProbe: { httpGet: { path: '/live', port: 4191 } },
  readinessProbe: { httpGet: { path: '/ready', port: 4191 } },
};
const INIT: JsonObject = { name: 'linkerd-init', image: 'cr.l5d.io/linkerd/proxy-init:v2.4.2' };

function policyPod(parts: PodParts): KubeObject {
  const containers = [
    ...withProbes({ name: 'app', ports: parts.ports, probes: parts.probes }),
    ...asObjects(parts.containers).flatMap(withProbes),
  ];
  const inits = asObjects(parts.initContainers).flatMap(withProbes);
  const label = parts.meshed ? { 'linkerd.io/control-plane-ns': 'linkerd' } : {};
  return object('v1', 'Pod', {
    name: 'server',
    namespace: parts.namespace,
    labels: { ...asTextMap(parts.labels), ...label },
    annotations: asTextMap(parts.annotations),
    spec: {
      containers: parts.meshed ? [...containers, PROXY] : containers,
      initContainers: parts.meshed ? [INIT, ...inits] : inits,
    },
  });
}

/** A container can have one probe of a kind; more of them stand on containers with the same ports. */
function withProbes(raw: JsonObject): readonly JsonObject[] {
  const name = asText(raw['name']) ?? 'app';
  const base = { name, image: 'example/app:1', ports: asList(raw['ports']) };
  const probes = asObjects(raw['probes']).map(({ kind: _kind, ...probe }) => probe);
  return [
    base,
    ...probes.map((livenessProbe, index) => ({ ...base, name: `${name}-${String(index)}`, livenessProbe })),
  ];
}

/** A world with one pod, a control plane and the objects of a case. */
export interface PolicyWorld {
  readonly world: World;
  readonly server: Omit<ServerEnd, 'port'>;
}

/** The world of a case. */
export function policyWorld(plane: PlaneParts, pod: PodParts, objects: readonly KubeObject[]): PolicyWorld {
  const namespace = object('v1', 'Namespace', { name: pod.namespace });
  const world = completeWorld([...policyPlane(plane), namespace, policyPod(pod), ...objects]);
  return { world, server: podEnd(world, pod.namespace, 'server') };
}

/** What Linkerd makes of a case's call, in the words of its `expect`. */
export function answerOf({ world, server }: PolicyWorld, input: unknown): unknown {
  const question = questionOf(server, input);
  const judgement = linkerdJudgement(question, world);
  const { decision } = linkerd.authorize(question, world);
  const mode = linkerd.portMode(question.server, world);
  if (judgement === undefined) return { allowed: decision === 'allow', enforced: mode.mode !== 'none' };
  const { server: label, authorization, route, status } = judgement;
  const said = decision === judgement.decision ? decision : 'contradicted';
  const allowed = said === 'unknown' || said === 'contradicted' ? said : said === 'allow';
  const asksIdentity = allowed === true && question.arrival.wire === 'plaintext' && mode.mode === 'strict';
  const exempt = authorization !== undefined && ['probe', 'localhost'].includes(authorization.name);
  return {
    allowed: asksIdentity && !exempt ? `allowed although the mode is ${mode.declared}` : allowed,
    enforced: true,
    server: label,
    authz: authorization ?? null,
    ...(route === undefined ? {} : { route }),
    ...(allowed === true ? { http: 200 } : status === undefined ? {} : { http: status }),
    onDeny: allowed === true ? null : { http: status ?? 403, grpc: 'PermissionDenied', tcp: 'close' },
  };
}

function questionOf(server: Omit<ServerEnd, 'port'>, input: unknown): AuthorizeQuestion {
  const tls = at(input, 'client', 'tls');
  const raw = at(input, 'request');
  const protocol = asText(at(raw, 'protocol'))?.toLowerCase();
  const handledAs = protocol === undefined ? 'unknown' : /^(http|grpc)/.test(protocol) ? 'http' : 'tcp';
  const sourceIp = asText(at(input, 'client', 'ip'));
  return {
    server: { ...server, port: asNumber(at(input, 'port')) ?? 0 },
    arrival: {
      sender: 'workload',
      wire: tls === null || tls === undefined ? 'plaintext' : 'mtls',
      payload: handledAs,
      serverFirst: known(false),
    },
    handledAs,
    identity: known(asText(tls)),
    request: { ...requestOf(raw, protocol), ...(sourceIp === undefined ? {} : { sourceIp }) },
  };
}

function requestOf(raw: unknown, protocol: string | undefined): AuthorizeQuestion['request'] {
  if (asObject(raw) === undefined) return {};
  const [service, procedure] = [asText(at(raw, 'service')), asText(at(raw, 'method')) ?? ''];
  const isGrpc = protocol === 'grpc';
  const path = service === undefined ? asText(at(raw, 'path')) : `/${service}/${procedure}`;
  const host = asText(at(raw, 'host'));
  return {
    method: isGrpc ? 'POST' : (asText(at(raw, 'method')) ?? 'GET'),
    ...(path === undefined ? {} : { path }),
    ...(host === undefined ? {} : { host }),
  };
}
