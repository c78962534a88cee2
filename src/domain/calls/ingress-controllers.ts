import { KIND } from '../kubernetes/kinds.ts';
import type { KubeObject } from '../kubernetes/object.ts';
import { asText, at } from '../../lib/json.ts';
import type { PodShape } from '../world/pod-shape.ts';
import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { CallSource } from './call.ts';
import { podsOf } from './find-workloads.ts';
import { fromOutsider, fromWorkload } from './found-calls.ts';

interface Controller {
  readonly family: string;
  /** The `controller` of IngressClasses and `controllerName` of GatewayClasses. */
  readonly names: RegExp;
  /** Class names that installations use where no IngressClass object says so. */
  readonly classes: RegExp;
  /** What a pod that carries the traffic looks like; absent where it runs outside the cluster. */
  readonly proxies?: (pod: PodShape) => boolean;
}

/** Source: https://kubernetes.io/docs/concepts/services-networking/ingress-controllers/ and each project's install manifests. */
const CONTROLLERS: readonly Controller[] = [
  {
    family: 'ingress-nginx',
    names: /^k8s\.io\/(.*-)?ingress-nginx|^k8s\.io\/(.*-)?nginx/,
    classes: /^nginx(-|$)/,
    proxies: (pod) => hasImage(pod, /ingress-nginx\/controller|nginx-ingress-controller|ingress-nginx-controller/),
  },
  {
    family: 'nginx-ingress',
    names: /^nginx\.org\/ingress-controller/,
    classes: /^nginx-(org|inc|plus)/,
    proxies: (pod) => hasImage(pod, /(^|\/)nginx\/nginx-(plus-)?ingress|(^|\/)nginx-plus-ingress/),
  },
  {
    family: 'traefik',
    names: /^traefik\.io\//,
    classes: /^traefik/,
    proxies: (pod) => hasImage(pod, /(^|\/)traefik(-ee|ee)?([:@]|$)/),
  },
  {
    family: 'haproxy',
    names: /^haproxy(-ingress)?\.(org|github\.io)\//,
    classes: /^haproxy/,
    proxies: (pod) => hasImage(pod, /haproxytech\/kubernetes-ingress|haproxy-ingress|kubernetes-haproxy-ingress/),
  },
  {
    family: 'contour',
    names: /^projectcontour\.io\//,
    classes: /^contour/,
    proxies: (pod) =>
      pod.labels['app.kubernetes.io/name'] === 'contour'
        ? pod.labels['app.kubernetes.io/component'] === 'envoy'
        : pod.labels['app'] === 'envoy' && hasImage(pod, /contour/),
  },
  {
    family: 'kong',
    names: /^(ingress-controllers\.)?konghq\.com\//,
    classes: /^kong/,
    proxies: (pod) => hasImage(pod, /(^|\/)kong(-gateway)?([:@]|$)|kong\/kong/),
  },
  {
    family: 'istio',
    names: /^istio\.io\/(ingress|gateway)-controller/,
    classes: /^istio$/,
    proxies: (pod) => pod.labels['istio'] === 'ingressgateway' || pod.labels['istio'] === 'ingress',
  },
  {
    family: 'emissary',
    names: /^getambassador\.io\//,
    classes: /^ambassador/,
    proxies: (pod) => hasImage(pod, /(^|\/)(emissary|ambassador|aes)([:@]|$)/),
  },
  {
    family: 'apisix',
    names: /^apisix\.apache\.org\//,
    classes: /^apisix/,
    proxies: (pod) => hasImage(pod, /(^|\/)apisix([:@]|$)/),
  },
  {
    family: 'skipper',
    names: /^zalando\.org\//,
    classes: /^skipper/,
    proxies: (pod) => hasImage(pod, /(^|\/)skipper([:@]|$)/),
  },
  { family: 'alb', names: /^ingress\.k8s\.aws\/|^eks\.amazonaws\.com\/alb/, classes: /^alb/ },
  { family: 'gce', names: /^k8s\.io\/ingress-gce|^networking\.gke\.io\//, classes: /^gce|^gke/ },
];

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

const INSTANCE = 'app.kubernetes.io/instance';

const proxiesOf = new WeakMap<World, ReadonlyMap<string, readonly Workload[]>>();

/**
 * Who sends what an Ingress admits: the workloads of its class's controller, or a load balancer named after the class
 * where none is recognised. Several installations of one controller are told apart by their instance label.
 */
export function ingressSenders(world: World, ingress: KubeObject): readonly CallSource[] {
  const { className, chosen, controller } = classOf(world, ingress);
  const workloads = controller === undefined ? [] : narrowed(proxiesOfFamily(world, controller.family), chosen);
  if (workloads.length > 0) return workloads.map(fromWorkload);
  if (className === undefined) {
    const [family, surplus] = [...proxies(world).values()].filter((list) => list.length > 0);
    if (family !== undefined && surplus === undefined) return family.map(fromWorkload);
  }
  return [fromOutsider('load-balancer', className === undefined ? 'no ingress class' : `ingress class ${className}`)];
}

/** The family of controllers that serves an Ingress, such as `alb`, by its class; undefined where that is not known. */
export function ingressFamily(world: World, ingress: KubeObject): string | undefined {
  return classOf(world, ingress).controller?.family;
}

interface IngressClass {
  readonly className: string | undefined;
  readonly chosen: KubeObject | undefined;
  readonly controller: Controller | undefined;
}

function classOf(world: World, ingress: KubeObject): IngressClass {
  const asked = asText(at(ingress.spec, 'ingressClassName')) ?? ingress.metadata.annotations[CLASS_ANNOTATION];
  const classes = world.list(KIND.ingressClass).objects;
  const chosen =
    asked === undefined
      ? (classes.find((each) => each.metadata.annotations[DEFAULT_CLASS] === 'true') ?? onlyOf(classes))
      : classes.find((each) => each.metadata.name === asked);
  const className = asked ?? chosen?.metadata.name;
  return { className, chosen, controller: controllerOf(asText(at(chosen?.spec, 'controller')), className) };
}

/** The workloads that carry traffic for a GatewayClass's controller and are shared by its Gateways. */
export function gatewayProxies(world: World, controllerName: string): readonly Workload[] {
  const controller = controllerOf(controllerName, undefined);
  return controller === undefined ? [] : proxiesOfFamily(world, controller.family);
}

function controllerOf(name: string | undefined, className: string | undefined): Controller | undefined {
  if (name !== undefined) return CONTROLLERS.find((controller) => controller.names.test(name));
  if (className === undefined) return undefined;
  return CONTROLLERS.find((controller) => controller.classes.test(className));
}

function proxiesOfFamily(world: World, family: string): readonly Workload[] {
  return proxies(world).get(family) ?? [];
}

function proxies(world: World): ReadonlyMap<string, readonly Workload[]> {
  let found = proxiesOf.get(world);
  if (found === undefined) {
    const workloads = workloadsOf(world).filter(({ kind }) => kind !== 'Job' && kind !== 'CronJob');
    found = new Map(
      CONTROLLERS.map(({ family, proxies: isProxy }) => [
        family,
        workloads.filter((workload) => isProxy !== undefined && podsOf(workload).some(isProxy)),
      ]),
    );
    proxiesOf.set(world, found);
  }
  return found;
}

/** Charts mark what one installation made, its class and its workloads, with one instance label. */
function narrowed(workloads: readonly Workload[], ingressClass: KubeObject | undefined): readonly Workload[] {
  const instance = ingressClass?.metadata.labels[INSTANCE];
  if (workloads.length < 2 || instance === undefined) return workloads;
  const own = workloads.filter((workload) => podsOf(workload).some((pod) => pod.labels[INSTANCE] === instance));
  return own.length > 0 ? own : workloads;
}

function hasImage(pod: PodShape, pattern: RegExp): boolean {
  return pod.containers.some(({ image }) => pattern.test(image));
}

function onlyOf<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}
