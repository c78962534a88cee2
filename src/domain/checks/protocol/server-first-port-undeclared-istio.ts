import { containerPorts, workloadsBehind } from '../../calls/find-services.ts';
import { fromWorkload, stateCall } from '../../calls/found-calls.ts';
import { knownServerFirst, type ServerFirstHint } from '../../calls/known-server-first.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { portProtocol } from '../../mesh/istio/protocol/port-protocol.ts';
import { fateOf } from '../../simulate/fate-of.ts';
import { cutsCalls } from '../../simulate/verdict.ts';
import { servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { Change } from '../../world/step.ts';
import type { Workload } from '../../world/workload.ts';
import type { Check, CheckContext, Issue, Undecided } from '../check.ts';
import { withoutEnds } from '../strict-casualties.ts';
import { serverFirstCallersOutside } from '../server-first-callers.ts';
import { whatIf } from '../what-if.ts';

/** Service ports behind which the server speaks first, while the proxy waits for the client. */
export const serverFirstPortUndeclaredIstio: Check = {
  id: 'server-first-port-undeclared-istio',
  title: 'Server-first protocol on a port that is not declared TCP',
  category: 'protocol',
  stages: ['inject', 'permissive'],
  meshes: ['istio-sidecar'],
  severity: 'blocker',
  certainty: 'heuristic',
  why: "Where a port is not declared, the proxy waits for the client's first bytes to tell the protocol. MySQL, SMTP, FTP, SSH, POP3 and IMAP clients wait for the server, so the connection hangs as soon as either end has a sidecar. Service port 3306 is taken as TCP without a declaration; a remapped one is not.",
  detects:
    'A Service port of a workload in scope is known for a server-first protocol by its number, its name or the image behind it, and a call to it hangs or is refused once both ends are enrolled. Also: the port is declared, and a caller that will still send plaintext hangs at it while the port is PERMISSIVE.',
  falseAlarms:
    "Variants wrapped in TLS (465, 993, 995) let the client speak first. An image's name need not tell what listens.",
  remedy: {
    text: 'Declare the Service port as TCP: a name beginning with tcp-, or appProtocol: tcp where something refers to the old name and the Service is no load balancer (clouds read appProtocol there). Do the same on the headless Service. It acts at once on clients in the mesh. Clients outside the mesh still hang while the port is PERMISSIVE: enrol them together, or go STRICT or DISABLE on the port.',
  },
  sources: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    'https://github.com/istio/istio/blob/master/pkg/config/kube/conversion.go',
  ],
  reads: [KIND.service, KIND.peerAuthentication],
  find,
};

function* find(context: CheckContext): Iterable<Issue | Undecided> {
  const { world } = context;
  for (const namespace of whatIf(world).scope) {
    for (const service of servicesIn(world, namespace)) {
      for (const port of service.ports) yield* ofPort(context, service, port);
    }
  }
  yield* serverFirstCallersOutside(context);
}

function* ofPort(context: CheckContext, service: Service, port: ServicePort): Iterable<Issue | Undecided> {
  const { declared, why } = portProtocol(port);
  if (declared === 'TCP' || declared === undefined) return;
  for (const { workload, pods } of workloadsBehind(context.world, service)) {
    const targets = containerPorts(port, pods);
    const hint = knownServerFirst([...targets, port.port], imagesOf(workload, targets), [port.appProtocol, port.name]);
    if (hint === undefined) continue;
    const fate = fateBetweenSidecars(context, { service, port, workload, hint });
    const object = refOf(service.object);
    if (fate.verdict === 'unknown') yield { notAssessed: withoutEnds(fate.why), object };
    if (!cutsCalls(fate.verdict)) continue;
    yield issueFor({ service, port, workload, hint, declared: why, fate: fate.why });
    return;
  }
}

/** As `speaksFirst` looks at them: containers that name the port, or that name none. */
function imagesOf(workload: Workload, targets: readonly number[]): readonly string[] {
  return workload.template.containers
    .filter(({ ports }) => ports.length === 0 || ports.some(({ port }) => targets.includes(port)))
    .map(({ image }) => image);
}

interface Question {
  readonly service: Service;
  readonly port: ServicePort;
  readonly workload: Workload;
  readonly hint: ServerFirstHint;
}

/** A client of the same kind as the server stands for any that is in the mesh. */
function fateBetweenSidecars({ world }: CheckContext, { service, port, workload, hint }: Question) {
  const call = stateCall({
    from: fromWorkload(workload),
    to: { kind: 'service-port', namespace: service.namespace, service: service.name, port: port.port },
    protocol: hint.protocol.toLowerCase(),
    evidence: { kind: 'inferred', source: `${hint.by} ${hint.value}`, detail: `${hint.protocol} speaks first` },
  });
  return fateOf(call, whatIf(world).enrolled);
}

function issueFor(found: Question & { readonly declared: string; readonly fate: string }): Issue {
  const { service, port, hint } = found;
  const index = service.ports.indexOf(port);
  const change = declareTcp(service, port);
  const object = refOf(service.object);
  return {
    object,
    field: `spec.ports[${String(index)}].${port.appProtocol === undefined ? 'name' : 'appProtocol'}`,
    value: port.appProtocol ?? port.name ?? '(none)',
    message: `Connections to Service ${service.namespace}/${service.name} port ${String(port.port)} (${hint.protocol}, by ${hint.by} ${hint.value}) hang once sidecars are injected: the server speaks first and the port is not declared TCP.`,
    evidence: [
      { object, field: `spec.ports[${String(index)}]`, rule: found.declared },
      { rule: `With sidecars: ${withoutEnds(found.fate)}` },
    ],
    ...(change === undefined ? {} : { remedy: { change } }),
  };
}

/** Clouds read `appProtocol` of a load balancer's Service as the kind of its health check, so there a person chooses. */
function declareTcp(service: Service, port: ServicePort): Change | undefined {
  if (service.type === 'LoadBalancer') return undefined;
  const target = refOf(service.object);
  const ports = [{ port: port.port, protocol: port.protocol, appProtocol: 'tcp' }];
  const why = 'the server speaks first, so the proxy must not wait for the client';
  return {
    id: `declare-${service.namespace}-${service.name}-${String(port.port)}`,
    steps: [{ step: 'patch', target, patch: { spec: { ports } }, why }],
  };
}
