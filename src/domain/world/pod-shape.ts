import {
  asBoolean,
  asNumber,
  asObject,
  asObjects,
  asText,
  asTextMap,
  asTexts,
  at,
  type JsonObject,
} from '../../lib/json.ts';

export interface ContainerPort {
  readonly port: number;
  readonly name?: string;
  readonly protocol: string;
  readonly hostPort?: number;
}

/** How the kubelet asks a container; a port given by name is resolved against the container's own ports. */
export interface Probe {
  readonly phase: 'startup' | 'readiness' | 'liveness';
  readonly handler: 'http' | 'tcp' | 'grpc' | 'exec';
  readonly port?: number;
  readonly scheme?: string;
  readonly path?: string;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly ContainerPort[];
  readonly probes: readonly Probe[];
  /** Values are kept for mesh components only; of other variables only the name is known. */
  readonly env: readonly { readonly name: string; readonly value?: string; readonly fieldPath?: string }[];
  readonly restartPolicy?: string;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly capabilities: readonly string[];
  readonly requests: Readonly<Record<string, unknown>>;
  readonly limits: Readonly<Record<string, unknown>>;
}

/** What of a pod, or of the template of one, decides how meshes treat it. */
export interface PodShape {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly restartPolicy?: string;
  readonly dnsPolicy?: string;
  /** `linux` or `windows`, as `spec.os.name`, the selector of nodes or a required affinity says; absent where neither does. */
  readonly os?: string;
  /** `automountServiceAccountToken`; absent where the ServiceAccount decides. */
  readonly automountsToken?: boolean;
}

/**
 * Reads the shape of a pod or pod template from its `metadata` and `spec`; parts of the wrong type count as absent,
 * as the API server would have refused them.
 */
export function readPodShape(metadata: unknown, spec: unknown): PodShape {
  const runAsUser = asNumber(at(spec, 'securityContext', 'runAsUser'));
  const runAsGroup = asNumber(at(spec, 'securityContext', 'runAsGroup'));
  const restartPolicy = asText(at(spec, 'restartPolicy'));
  const dnsPolicy = asText(at(spec, 'dnsPolicy'));
  const os = osOf(spec);
  const automountsToken = asBoolean(at(spec, 'automountServiceAccountToken'));
  return {
    labels: asTextMap(at(metadata, 'labels')),
    annotations: asTextMap(at(metadata, 'annotations')),
    serviceAccount: asText(at(spec, 'serviceAccountName')) ?? asText(at(spec, 'serviceAccount')) ?? 'default',
    hostNetwork: at(spec, 'hostNetwork') === true,
    containers: asObjects(at(spec, 'containers')).map(readContainer),
    initContainers: asObjects(at(spec, 'initContainers')).map(readContainer),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
    ...(dnsPolicy === undefined ? {} : { dnsPolicy }),
    ...(os === undefined ? {} : { os }),
    ...(automountsToken === undefined ? {} : { automountsToken }),
  };
}

const OS_LABELS = ['kubernetes.io/os', 'beta.kubernetes.io/os'] as const;

function osOf(spec: unknown): string | undefined {
  const selected = OS_LABELS.flatMap((label) => asText(at(spec, 'nodeSelector', label)) ?? []);
  return asText(at(spec, 'os', 'name')) ?? selected[0] ?? requiredOs(spec);
}

/** The terms are alternatives: only what each of them asks for is sure. */
function requiredOs(spec: unknown): string | undefined {
  const required = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  const asked = asObjects(at(required, 'nodeSelectorTerms')).map((term) =>
    asObjects(term['matchExpressions'])
      .filter(({ key, operator }) => OS_LABELS.some((label) => label === key) && operator === 'In')
      .map(({ values }) => asTexts(values))
      .find(({ length }) => length === 1),
  );
  const [first] = asked;
  return first !== undefined && asked.every((each) => each?.[0] === first[0]) ? first[0] : undefined;
}

function readContainer(raw: JsonObject): Container {
  const ports = asObjects(raw['ports']).map(readContainerPort);
  const restartPolicy = asText(raw['restartPolicy']);
  const runAsUser = asNumber(at(raw, 'securityContext', 'runAsUser'));
  const runAsGroup = asNumber(at(raw, 'securityContext', 'runAsGroup'));
  return {
    name: asText(raw['name']) ?? '',
    image: asText(raw['image']) ?? '',
    args: asTexts(raw['args']),
    ports,
    probes: readProbes(raw, ports),
    env: asObjects(raw['env']).map(readVariable),
    capabilities: asTexts(at(raw, 'securityContext', 'capabilities', 'add')),
    requests: asObject(at(raw, 'resources', 'requests')) ?? {},
    limits: asObject(at(raw, 'resources', 'limits')) ?? {},
    ...(restartPolicy === undefined ? {} : { restartPolicy }),
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
  };
}

function readVariable(raw: JsonObject): Container['env'][number] {
  const value = asText(raw['value']);
  const fieldPath = asText(at(raw, 'valueFrom', 'fieldRef', 'fieldPath'));
  return {
    name: asText(raw['name']) ?? '',
    ...(value === undefined ? {} : { value }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

function readContainerPort(raw: JsonObject): ContainerPort {
  const name = asText(raw['name']);
  const hostPort = asNumber(raw['hostPort']);
  return {
    port: asNumber(raw['containerPort']) ?? 0,
    protocol: asText(raw['protocol']) ?? 'TCP',
    ...(name === undefined ? {} : { name }),
    ...(hostPort === undefined ? {} : { hostPort }),
  };
}

function readProbes(container: JsonObject, ports: readonly ContainerPort[]): Probe[] {
  const phases = ['startup', 'readiness', 'liveness'] as const;
  return phases
    .map((phase) => readProbe(phase, asObject(container[`${phase}Probe`]), ports))
    .filter((probe) => probe !== undefined);
}

function readProbe(
  phase: Probe['phase'],
  raw: JsonObject | undefined,
  ports: readonly ContainerPort[],
): Probe | undefined {
  if (raw === undefined) return undefined;
  if (asObject(raw['exec']) !== undefined) return { phase, handler: 'exec' };
  const http = asObject(raw['httpGet']);
  const grpc = asObject(raw['grpc']);
  const detail = http ?? grpc ?? asObject(raw['tcpSocket']);
  if (detail === undefined) return undefined;
  const port = resolvePort(detail['port'], ports);
  const scheme = asText(detail['scheme']);
  const path = asText(detail['path']);
  return {
    phase,
    handler: http !== undefined ? 'http' : grpc !== undefined ? 'grpc' : 'tcp',
    ...(port === undefined ? {} : { port }),
    ...(scheme === undefined ? {} : { scheme }),
    ...(path === undefined ? {} : { path }),
  };
}

function resolvePort(port: unknown, ports: readonly ContainerPort[]): number | undefined {
  if (typeof port === 'number') return port;
  return ports.find((candidate) => candidate.name === port)?.port;
}
