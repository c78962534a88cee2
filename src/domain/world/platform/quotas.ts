import { asObject, asObjects, asText, asTexts, at } from '../../../lib/json.ts';
import { compareText, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { parseQuantity } from '../../kubernetes/quantity.ts';
import type { Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { rowsOf } from './found.ts';

/** Amounts of resources as they are written: `requests.cpu` to `4`. */
export type Amounts = Readonly<Record<string, string>>;

/** What a namespace may use of some resource. */
export interface QuotaRow {
  readonly resource: string;
  readonly hard: string;
  /** Absent where no controller has counted yet. */
  readonly used?: string;
  /** What is left, in cores, bytes or objects; absent where either is no quantity. */
  readonly left?: number;
}

/** One ResourceQuota. */
export interface Quota {
  readonly namespace: string;
  readonly name: string;
  readonly resources: readonly QuotaRow[];
  /** `BestEffort`, `PriorityClass In system-node-critical`; pods outside of every scope are not counted. */
  readonly scopes: readonly string[];
  /** What each container has to say, or the pod is refused: `requests.cpu`, `limits.memory`. */
  readonly demands: readonly string[];
}

/** One rule of a LimitRange. */
export interface LimitRule {
  /** `Container`, `Pod` or `PersistentVolumeClaim`. */
  readonly type: string;
  /** What a container without limits gets. */
  readonly default: Amounts;
  /** What a container without requests gets. */
  readonly defaultRequest: Amounts;
  readonly min: Amounts;
  readonly max: Amounts;
  readonly maxLimitRequestRatio: Amounts;
}

export interface LimitRange {
  readonly namespace: string;
  readonly name: string;
  readonly limits: readonly LimitRule[];
}

/** A quota on one of these refuses pods of which a container says nothing of it. */
const DEMANDED: Readonly<Record<string, string>> = {
  cpu: 'requests.cpu',
  memory: 'requests.memory',
  'requests.cpu': 'requests.cpu',
  'requests.memory': 'requests.memory',
  'limits.cpu': 'limits.cpu',
  'limits.memory': 'limits.memory',
};

/**
 * All ResourceQuotas, sorted by namespace and name.
 * Source: https://kubernetes.io/docs/concepts/policy/resource-quotas/.
 */
export function quotasOf(world: World): Fact<readonly Quota[]> {
  return rowsOf(world, KIND.resourceQuota, readQuota);
}

/**
 * All LimitRanges, sorted by namespace and name.
 * Source: https://kubernetes.io/docs/concepts/policy/limit-range/.
 */
export function limitRangesOf(world: World): Fact<readonly LimitRange[]> {
  return rowsOf(world, KIND.limitRange, ({ metadata, spec }) => ({
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    limits: asObjects(at(spec, 'limits')).map((limit) => ({
      type: asText(limit['type']) ?? '',
      default: amountsIn(limit['default']),
      defaultRequest: amountsIn(limit['defaultRequest']),
      min: amountsIn(limit['min']),
      max: amountsIn(limit['max']),
      maxLimitRequestRatio: amountsIn(limit['maxLimitRequestRatio']),
    })),
  }));
}

function readQuota({ metadata, spec, status }: KubeObject): Quota {
  const hard = amountsIn(at(spec, 'hard'));
  const used = amountsIn(at(status, 'used'));
  const selected = asObjects(at(spec, 'scopeSelector', 'matchExpressions')).map((expression) =>
    [asText(expression['scopeName']), asText(expression['operator']), ...asTexts(expression['values'])].join(' '),
  );
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    resources: Object.entries(hard).map(([resource, amount]) => quotaRow(resource, amount, used[resource])),
    scopes: sortedUnique([...asTexts(at(spec, 'scopes')), ...selected]),
    demands: sortedUnique(Object.keys(hard).flatMap((resource) => DEMANDED[resource] ?? [])),
  };
}

function quotaRow(resource: string, hard: string, used: string | undefined): QuotaRow {
  const [most, now] = [parseQuantity(hard), parseQuantity(used)];
  return {
    resource,
    hard,
    ...(used === undefined ? {} : { used }),
    ...(most === undefined || now === undefined ? {} : { left: most - now }),
  };
}

/** Numbers are amounts too, as YAML gives them; sorted by resource. */
function amountsIn(value: unknown): Amounts {
  const entries = Object.entries(asObject(value) ?? {}).flatMap(([resource, amount]) => {
    const text = typeof amount === 'number' ? String(amount) : asText(amount);
    return text === undefined ? [] : [[resource, text] as const];
  });
  return Object.fromEntries(entries.sort(([left], [right]) => compareText(left, right)));
}
