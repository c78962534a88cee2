import { KIND, WORKLOAD_KINDS } from '../../kubernetes/kinds.ts';
import { formatRef, refOf, type Kind } from '../../kubernetes/object.ts';
import type { Service } from '../../world/service.ts';
import type { PatchStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import type { JudgedServicePort } from './judge-ports.ts';

/** The patch that declares a port, and why it must not be applied, if so. */
export interface Declaration {
  readonly step: PatchStep;
  readonly held?: string;
}

/**
 * How a port is declared in the way that costs least: `appProtocol: tcp`, which Istio reads as TCP and Linkerd as
 * opaque, and which leaves the port's name to those who refer to it. Clouds read `appProtocol` of a load balancer's
 * Service as the kind of its health check (https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/), so there a
 * prefix of the name says it, if nothing refers to the name.
 */
export function declarationOf(world: World, judged: JudgedServicePort): Declaration {
  const { service, port, declare } = judged;
  if (service.type !== 'LoadBalancer' || probesTcp(service, port.port)) {
    return { step: patchOf(judged, { appProtocol: declare }) };
  }
  const name = `${declare}-${port.name ?? String(port.port)}`;
  if (port.appProtocol !== undefined) {
    return {
      step: patchOf(judged, { appProtocol: declare }),
      held: `Service ${service.namespace}/${service.name} is a load balancer, and its cloud may read appProtocol ${port.appProtocol} as the kind of its health check`,
    };
  }
  const user = userOfName(world, service, port.name);
  const step = patchOf(judged, { name });
  return user === undefined
    ? { step }
    : {
        step,
        held: `Service ${service.namespace}/${service.name} is a load balancer, whose cloud may read appProtocol, and ${user} refers to the name ${port.name ?? ''} of its port`,
      };
}

function patchOf({ service, port, why }: JudgedServicePort, field: Readonly<Record<string, string>>): PatchStep {
  const target = refOf(service.object);
  return {
    step: 'patch',
    target,
    patch: { spec: { ports: [{ port: port.port, protocol: port.protocol, ...field }] } },
    why: `port ${String(port.port)}: ${why}`,
  };
}

/** Annotations by which Azure is told to probe by TCP whatever `appProtocol` says. */
function probesTcp({ object }: Service, port: number): boolean {
  const { annotations } = object.metadata;
  const prefix = 'service.beta.kubernetes.io/';
  const asked =
    annotations[`${prefix}port_${String(port)}_health-probe_protocol`] ??
    annotations[`${prefix}azure-load-balancer-health-probe-protocol`];
  return asked?.toLowerCase() === 'tcp';
}

/** Kinds that follow the Service by themselves, or that name ports of containers and not of Services. */
const FOLLOWING: ReadonlySet<Kind> = new Set<Kind>([
  ...WORKLOAD_KINDS,
  KIND.service,
  KIND.endpointSlice,
  KIND.node,
  KIND.networkPolicy,
  'Endpoints',
]);

/**
 * An object that holds the name of the port, and that of the Service unless it selects Services by labels: an Ingress, a ServiceMonitor,
 * a route of any controller. Better one too many than a monitor that loses its port.
 */
function userOfName(world: World, service: Service, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  for (const kind of world.kinds()) {
    if (FOLLOWING.has(kind)) continue;
    const selects = kind === KIND.serviceMonitor;
    const found = world.list(kind).objects.find(({ spec }) => {
      const text = JSON.stringify(spec ?? {});
      return text.includes(JSON.stringify(name)) && (selects || text.includes(JSON.stringify(service.name)));
    });
    if (found !== undefined) return formatRef(refOf(found));
  }
  return undefined;
}
