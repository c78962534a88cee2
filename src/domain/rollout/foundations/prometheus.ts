import { asObject, asObjects, asText, asTextMap, asTexts, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { matchesSelector, parseLabelSelector } from '../../kubernetes/label-selector.ts';
import type { Kind, KubeObject } from '../../kubernetes/object.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';

const PROMETHEUS: Kind = 'monitoring.coreos.com/Prometheus';
const PROMETHEUS_KINDS: readonly Kind[] = [
  PROMETHEUS,
  'monitoring.coreos.com/PrometheusAgent',
  'operator.victoriametrics.com/VMAgent',
];
const IMAGE = /(^|\/)(prometheus|vmagent)([:@]|$)/;

/** What an operator's Prometheus is told to look for. */
export type Watched = 'podMonitor' | 'serviceMonitor' | 'rule';

/** Whether a Prometheus is in the world, which answers the queries of the gates: its pods, or the object that an operator makes them from. */
export function isMeasured(world: World): boolean {
  if (PROMETHEUS_KINDS.some((kind) => world.list(kind).objects.length > 0)) return true;
  return workloadsOf(world).some(({ template }) => template.containers.some(({ image }) => IMAGE.test(image)));
}

/** Where a monitor or rule is put, and what it must carry, so that the Prometheus that is here takes it. */
export interface Placement {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What nobody but the reader can see to; absent where the selectors are met. */
  readonly doubt?: string;
}

/**
 * Where the operator's Prometheus looks for objects of that kind: an absent selector finds nothing, an empty one
 * everything, and an absent namespace selector the Prometheus' own namespace alone.
 * Source: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusSpec.
 */
export function placementOf(world: World, watched: Watched, wished: string): Placement {
  const [prometheus] = world.list(PROMETHEUS).objects;
  if (prometheus === undefined) return { namespace: wished, labels: {} };
  const name = `${prometheus.metadata.namespace ?? ''}/${prometheus.metadata.name}`;
  const selector = at(prometheus.spec, `${watched}Selector`);
  const namespace = namespaceFor(world, prometheus, { watched, wished });
  if (selector === undefined || selector === null) {
    return {
      namespace,
      labels: {},
      doubt: `Prometheus ${name} has no ${watched}Selector and takes none of them: set one`,
    };
  }
  const { labels, isWhole } = labelsFor(selector);
  return {
    namespace,
    labels,
    ...(isWhole
      ? {}
      : { doubt: `the ${watched}Selector of Prometheus ${name} asks for more than labels that could be written` }),
  };
}

interface Wish {
  readonly watched: Watched;
  readonly wished: string;
}

function namespaceFor(world: World, { metadata, spec }: KubeObject, { watched, wished }: Wish): string {
  const own = metadata.namespace ?? wished;
  const selector = asObject(at(spec, `${watched}NamespaceSelector`));
  if (selector === undefined) return own;
  const labels = world.get({ kind: KIND.namespace, name: wished })?.metadata.labels ?? {};
  const meets = matchesSelector(parseLabelSelector(selector), { ...labels, 'kubernetes.io/metadata.name': wished });
  return meets ? wished : own;
}

function labelsFor(selector: unknown): {
  readonly labels: Readonly<Record<string, string>>;
  readonly isWhole: boolean;
} {
  const labels: Record<string, string> = { ...asTextMap(at(selector, 'matchLabels')) };
  let isWhole = true;
  for (const expression of asObjects(at(selector, 'matchExpressions'))) {
    const key = asText(expression['key']);
    const [first] = asTexts(expression['values']);
    if (key !== undefined && expression['operator'] === 'In' && first !== undefined) labels[key] ??= first;
    else if (key !== undefined && expression['operator'] === 'Exists') labels[key] ??= 'true';
    else isWhole = isWhole && (expression['operator'] === 'DoesNotExist' || expression['operator'] === 'NotIn');
  }
  return { labels, isWhole };
}
