import { gatewayProxies } from '../calls/ingress-controllers.ts';
import { scrapersOf } from '../calls/scraped-by.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { derivedFrom } from '../world/derived.ts';
import { formatWorkload } from '../world/workload.ts';
import { workloadsIn } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';

/** A namespace that a rollout leaves alone by its name: the pattern, and the reason that is printed. */
interface NamedNamespace {
  readonly name: RegExp;
  readonly reason: string;
}

/** Names of clusters' own parts and of widespread infrastructure, as their install manifests and charts propose them. */
const INFRASTRUCTURE: readonly NamedNamespace[] = [
  { name: /^kube-/, reason: 'it belongs to Kubernetes itself' },
  { name: /^local-path-storage$/, reason: 'Istio never injects it' },
  { name: /^istio-(system|ingress|egress|gateway|cni|operator)/, reason: 'it belongs to Istio' },
  { name: /^linkerd(-.+)?$/, reason: 'it belongs to Linkerd' },
  { name: /^(consul|kuma-system|osm-system|appmesh-system)$/, reason: 'it belongs to another mesh' },
  {
    name: /^(ingress|ingress-nginx|nginx-ingress|traefik(-.+)?|projectcontour|contour|haproxy-(ingress|controller)|kong(-.+)?|emissary(-system)?|ambassador)$/,
    reason: 'it holds an ingress controller',
  },
  {
    name: /^(monitoring|observability|prometheus|grafana|logging|(kube-)?prometheus-.+)$/,
    reason: 'it holds monitoring',
  },
  { name: /^cert-manager$/, reason: 'it issues certificates for others' },
  { name: /^(gatekeeper-system|kyverno)$/, reason: 'it answers admission webhooks of the whole cluster' },
  { name: /^(flux-system|argocd|argo-rollouts)$/, reason: 'it deploys everything else' },
  {
    name: /^(velero|vault|external-secrets|sealed-secrets)$/,
    reason: 'it keeps backups or secrets of the whole cluster',
  },
  {
    name: /^(calico-.+|tigera-operator|cilium(-.+)?|metallb-system|external-dns)$/,
    reason: 'it is network infrastructure',
  },
  { name: /^(rook-.+|longhorn-system)$/, reason: 'it is storage infrastructure' },
  {
    name: /^(cattle-.+|openshift(-.+)?|gke-.+|gmp-.+|aks-.+|azure-.+|amazon-.+|aws-.+)$/,
    reason: 'it belongs to the distribution',
  },
  { name: /^(knative-.+|keda|crossplane-system)$/, reason: 'it holds controllers of the whole cluster' },
];

/** Why the name alone keeps a namespace out of a rollout; undefined for a name that says nothing. */
export function infrastructureReason(namespace: string): string | undefined {
  return INFRASTRUCTURE.find(({ name }) => name.test(namespace))?.reason;
}

/** The `controllerName`s of ingress controllers that run as pods. */
const CONTROLLERS = [
  'k8s.io/ingress-nginx',
  'nginx.org/ingress-controller',
  'traefik.io/ingress-controller',
  'haproxy.org/ingress-controller',
  'projectcontour.io/gateway-controller',
  'ingress-controllers.konghq.com/kong',
  'getambassador.io/ingress-controller',
  'apisix.apache.org/apisix-ingress',
  'zalando.org/skipper',
] as const;

const INJECTION = 'istio-injection';
const REVISION = 'istio.io/rev';

/**
 * The namespaces whose workloads the rollout would take into the mesh, sorted: those that hold workloads and are
 * labelled for injection already, or are neither refused by label, infrastructure, nor made only of ingress
 * controllers and Prometheus.
 */
export function namespacesInScope(world: World): readonly string[] {
  return derivedFrom(world, computeScope);
}

function computeScope(world: World): readonly string[] {
  const edge = edgeWorkloads(world);
  return world.namespaces().filter((namespace) => {
    const workloads = workloadsIn(world, namespace);
    if (workloads.length === 0) return false;
    const labels = world.get({ kind: KIND.namespace, name: namespace })?.metadata.labels ?? {};
    if (labels[INJECTION] === 'enabled' || labels[REVISION] !== undefined) return namespace !== 'istio-system';
    if (labels[INJECTION] !== undefined || infrastructureReason(namespace) !== undefined) return false;
    return workloads.some((workload) => workload.kind !== 'Job' && !edge.has(formatWorkload(workload)));
  });
}

/** Workloads that carry other people's traffic or read everybody's metrics, by name. */
function edgeWorkloads(world: World): ReadonlySet<string> {
  const controllers = CONTROLLERS.flatMap((name) => gatewayProxies(world, name)).map(formatWorkload);
  const scrapers = scrapersOf(world).flatMap((source) =>
    source.kind === 'workload' ? [formatWorkload(source.workload)] : [],
  );
  return new Set([...controllers, ...scrapers]);
}

/** Whether the workload carries what ingress controllers carry. */
export function isIngressController(world: World, name: string): boolean {
  return CONTROLLERS.some((controller) =>
    gatewayProxies(world, controller).some((workload) => formatWorkload(workload) === name),
  );
}
