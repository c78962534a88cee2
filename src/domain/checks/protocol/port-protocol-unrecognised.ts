import { containerPorts, workloadsBehind } from '../../calls/find-services.ts';
import { knownServerFirst } from '../../calls/known-server-first.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { portProtocol } from '../../mesh/istio/protocol/port-protocol.ts';
import { servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import type { Check, CheckContext, Issue } from '../check.ts';
import { whatIf } from '../what-if.ts';

/** Service ports whose protocol proxies have to find out from what the client sends. */
export const portProtocolUnrecognised: Check = {
  id: 'port-protocol-unrecognised',
  title: 'Service port does not say its protocol',
  category: 'protocol',
  stages: ['permissive'],
  meshes: ['istio-sidecar'],
  severity: 'low',
  certainty: 'exact',
  why: 'Where neither appProtocol nor the name of a Service port says what it speaks, proxies look at the first bytes of every connection. Plain HTTP/1.1 and HTTP/2 are recognised. For anything else the look is wasted, and a connection whose client stays silent waits for it.',
  detects:
    'A TCP port of a Service in a namespace in scope has no appProtocol and no name that begins with a protocol that Istio knows, and is not one of the four Service ports that are TCP by their number. Ports of Istio itself and of its gateways are left out, and so are ports behind which the server is known to speak first: those have a check of their own.',
  falseAlarms: 'Ports that carry plain HTTP work without a declaration.',
  remedy: {
    text: 'Give the port a name that begins with its protocol, as http-web or tcp-gossip, or set appProtocol where something refers to the name. Declare what it really speaks: a wrong declaration is worse than none.',
  },
  sources: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    'https://github.com/istio/istio/blob/master/pkg/config/kube/conversion.go',
  ],
  reads: [KIND.service],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue> {
  for (const namespace of whatIf(world).scope) {
    for (const service of servicesIn(world, namespace)) {
      if (service.type === 'ExternalName' || isOfIstio(service)) continue;
      const ports = service.ports.filter((port) => isUndeclared(port) && !isServerFirst(world, service, port));
      if (ports.length > 0) yield issueFor(service, ports);
    }
  }
}

function isUndeclared(port: ServicePort): boolean {
  return port.protocol === 'TCP' && portProtocol(port).declared === 'AUTO';
}

const MANAGED = 'gateway.istio.io/managed';

/** Services of the control plane and of gateways, whose ports Istio names itself. */
function isOfIstio({ object }: Service): boolean {
  const { labels } = object.metadata;
  return (
    labels['istio'] !== undefined || labels['release'] === 'istio' || labels[MANAGED]?.startsWith('istio.io') === true
  );
}

/** As the check of such ports looks at them: by number, by name, by the image of a container that may serve the port. */
function isServerFirst(world: World, service: Service, port: ServicePort): boolean {
  return workloadsBehind(world, service).some(({ workload, pods }) => {
    const targets = containerPorts(port, pods);
    const images = workload.template.containers
      .filter(({ ports }) => ports.length === 0 || ports.some((each) => targets.includes(each.port)))
      .map(({ image }) => image);
    return knownServerFirst([...targets, port.port], images, [port.appProtocol, port.name]) !== undefined;
  });
}

function issueFor(service: Service, ports: readonly ServicePort[]): Issue {
  const object = refOf(service.object);
  const [first] = ports;
  const one = ports.length === 1 && first !== undefined ? fieldOf(service, first) : 'spec.ports';
  const numbers = ports.map(({ port }) => String(port)).join(', ');
  const where = ports.length === 1 ? `port ${numbers}` : `ports ${numbers}`;
  return {
    object,
    field: one,
    value: ports.map(nameOf).join(', '),
    message: `Nothing says what is spoken at ${where} of Service ${service.namespace}/${service.name}: once callers have sidecars, proxies guess the protocol from the first bytes of each connection.`,
    evidence: ports.map((port) => ({
      object,
      field: fieldOf(service, port),
      value: nameOf(port),
      rule: portProtocol(port).why,
    })),
  };
}

function fieldOf(service: Service, port: ServicePort): string {
  const field = port.appProtocol === undefined ? 'name' : 'appProtocol';
  return `spec.ports[${String(service.ports.indexOf(port))}].${field}`;
}

function nameOf({ appProtocol, name }: ServicePort): string {
  return appProtocol ?? name ?? '(none)';
}
