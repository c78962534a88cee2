import { at, asText } from '../../../lib/json.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type KubeObject } from '../../kubernetes/object.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import { controlPlanes, type ControlPlane } from '../../mesh/istio/control-plane.ts';
import { resolveHost } from '../../mesh/istio/destination-rule/parse.ts';
import { portProtocol } from '../../mesh/istio/protocol/port-protocol.ts';
import { servicesIn, type Service, type ServicePort } from '../../world/service.ts';
import type { World } from '../../world/world.ts';
import type { Check, CheckContext, Issue } from '../check.ts';
import { whatIf } from '../what-if.ts';

/** ExternalName Services that a mesh does not take for what they are written as. */
export const externalnameAliases: Check = {
  id: 'externalname-aliases',
  title: 'ExternalName Service has ports or rules that mean something else in the mesh',
  category: 'protocol',
  stages: ['permissive', 'strict'],
  meshes: ['istio-sidecar'],
  severity: 'low',
  certainty: 'exact',
  why: 'Since Istio 1.21 an ExternalName Service is only another name of its target: its ports have no effect and DestinationRules for it apply to nothing. Older releases, and those that are told so by ENABLE_EXTERNAL_NAME_ALIAS=false, make a service of their own of it, and a port of it that is not declared HTTP or TLS then takes all traffic to that port number, whoever it is meant for.',
  detects:
    "An ExternalName Service in a namespace in scope has a TCP port that neither its name nor appProtocol declares as HTTP, HTTPS or TLS; or a DestinationRule has the Service's own name as its host. It weighs more where a control plane still takes the Service for one of its own.",
  falseAlarms: 'Plain aliases with leftover ports work with current releases; the ports then only mislead.',
  remedy: {
    text: 'Remove the ports, or declare what the target really speaks (https, tls, http). Write rules for the host that the Service stands for, and a ServiceEntry where it is outside the cluster.',
  },
  sources: [
    'https://github.com/istio/istio/blob/master/releasenotes/notes/external-name-on.yaml',
    'https://github.com/istio/istio/issues/20703',
    'https://github.com/istio/istio/blob/master/pkg/config/analysis/msg/messages.yaml',
  ],
  reads: [KIND.service, KIND.destinationRule],
  find,
};

function* find({ world }: CheckContext): Iterable<Issue> {
  const { enrolled, scope } = whatIf(world);
  const old = controlPlanes(enrolled).find(takesForService);
  for (const namespace of scope) {
    for (const service of servicesIn(world, namespace)) {
      if (service.type !== 'ExternalName') continue;
      const ports = service.ports.filter(isOpenToAll);
      if (ports.length > 0) yield portsIssue(service, ports, old);
      const rules = old === undefined ? rulesFor(world, service) : [];
      if (rules.length > 0) yield rulesIssue(service, rules);
    }
  }
}

const FIRST_MINOR_WITH_ALIASES = 21;

/** Whether istiod still makes a service of its own of each ExternalName Service. */
function takesForService({ env, version }: ControlPlane): boolean {
  const told = env['ENABLE_EXTERNAL_NAME_ALIAS'];
  if (told !== undefined) return told === 'false';
  const release = version === undefined ? undefined : parseVersion(version);
  return release?.major === 1 && release.minor < FIRST_MINOR_WITH_ALIASES;
}

/** Whether a listener for the port could not tell hosts apart: neither a Host header nor SNI is promised. */
function isOpenToAll(port: ServicePort): boolean {
  const { protocol, declared } = portProtocol(port);
  return declared === 'AUTO' || (declared === 'TCP' && protocol !== 'HTTPS' && protocol !== 'TLS');
}

function portsIssue(service: Service, ports: readonly ServicePort[], old: ControlPlane | undefined): Issue {
  const object = refOf(service.object);
  const numbers = ports.map(({ port }) => String(port)).join(', ');
  const name = `ExternalName Service ${service.namespace}/${service.name}`;
  return {
    object,
    field: 'spec.ports',
    value: numbers,
    message:
      old === undefined
        ? `${name} declares ${numbers} as neither HTTP nor TLS: current releases of Istio take no notice of its ports, and those before 1.21 send all traffic to that port number to ${targetOf(service)}.`
        : `${name} declares ${numbers} as neither HTTP nor TLS: once callers have sidecars, all their traffic to that port number may end at ${targetOf(service)}, whoever it is meant for.`,
    evidence: [
      ...ports.map((port) => ({
        object,
        field: `spec.ports[${String(service.ports.indexOf(port))}].${port.appProtocol === undefined ? 'name' : 'appProtocol'}`,
        value: port.appProtocol ?? port.name ?? '(none)',
        rule: portProtocol(port).why,
      })),
      ...(old === undefined
        ? []
        : [{ object: old.ref, rule: 'This istiod makes a service of each ExternalName Service.' }]),
    ],
    ...(old === undefined ? {} : { severity: 'medium' as const }),
  };
}

function targetOf({ externalName }: Service): string {
  return externalName ?? 'its external name';
}

const CLUSTER_DOMAIN = 'cluster.local';

function rulesFor(world: World, service: Service): readonly KubeObject[] {
  const own = `${service.name}.${service.namespace}.svc.${CLUSTER_DOMAIN}`;
  return world.list(KIND.destinationRule).objects.filter(({ metadata, spec }) => {
    const host = asText(at(spec, 'host')) ?? '';
    return resolveHost(host, metadata.namespace ?? '', CLUSTER_DOMAIN) === own;
  });
}

function rulesIssue(service: Service, rules: readonly KubeObject[]): Issue {
  const object = refOf(service.object);
  const names = sortedUnique(rules.map((rule) => formatRef(refOf(rule)))).join(', ');
  return {
    object,
    field: 'spec.externalName',
    value: targetOf(service),
    severity: 'medium',
    message: `${names} ${rules.length === 1 ? 'is' : 'are'} written for ExternalName Service ${service.namespace}/${service.name}, and Istio applies DestinationRules only to the host that it stands for: ${targetOf(service)}.`,
    evidence: rules.map((rule) => ({
      object: refOf(rule),
      field: 'spec.host',
      value: asText(at(rule.spec, 'host')) ?? '',
      rule: 'A DestinationRule cannot apply to an ExternalName Service since Istio 1.21.',
    })),
  };
}
