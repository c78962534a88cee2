import { refOf, type Kind, type KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../../world/evidence.ts';
import type { World } from '../../world/world.ts';
import type { AssessInput } from '../assessment.ts';
import type { CriterionId } from '../data/criteria.ts';
import { clamp01, type Interval } from '../interval.ts';

/** One thing seen that shows a criterion to be at least `value`. */
export interface Sign {
  readonly value: number;
  readonly evidence: Evidence;
}

/** What one look at the world gave: the signs, and why there may be more. */
export interface Look {
  readonly signs: readonly Sign[];
  readonly gaps: readonly string[];
}

/** What the cluster shows of a criterion. */
export interface Reading {
  readonly value: Interval;
  readonly evidence: readonly Evidence[];
  /** Why the value is a range. */
  readonly unknown?: string;
}

/** Evaluators by criterion; a criterion without one cannot be seen in a cluster. */
export type Evaluators = Partial<Readonly<Record<CriterionId, (input: AssessInput) => Look>>>;

/** What objects of a kind show: the first three are named, and the strength is that of the strongest. */
export interface SignRule {
  readonly kind: Kind;
  /** How strongly one object shows the criterion, or undefined where it does not; 0 to 1, our judgement. */
  readonly strength: (object: KubeObject) => number | undefined;
  readonly rule: string;
  readonly field?: string;
}

const NAMED = 3;

/** Looks through the objects of each rule's kind. */
export function lookFor(world: World, rules: readonly SignRule[]): Look {
  return joined(rules.map((rule) => applyRule(world, rule)));
}

function applyRule(world: World, rule: SignRule): Look {
  const listing = world.list(rule.kind);
  const signs = listing.objects.flatMap((object): Sign[] => {
    const value = rule.strength(object);
    return value === undefined ? [] : [{ value, evidence: evidenceOf(object, rule) }];
  });
  const strongestFirst = signs.sort((left, right) => right.value - left.value).slice(0, NAMED);
  return { signs: strongestFirst, gaps: listing.gap === undefined ? [] : [listing.gap] };
}

function evidenceOf(object: KubeObject, rule: SignRule): Evidence {
  return { object: refOf(object), rule: rule.rule, ...(rule.field === undefined ? {} : { field: rule.field }) };
}

/**
 * A share as a sign, worth `scale` where all is counted. A share of what was read says nothing of the rest, so a gap
 * takes its value away and leaves the evidence.
 */
export function shareLook(share: {
  readonly part: number;
  readonly whole: number;
  readonly scale?: number;
  readonly evidence: Evidence;
  readonly gaps: readonly string[];
}): Look {
  if (share.part === 0) return { signs: [], gaps: share.gaps };
  const value = share.gaps.length > 0 ? 0 : ((share.scale ?? 1) * share.part) / share.whole;
  return { signs: [{ value, evidence: share.evidence }], gaps: share.gaps };
}

/** Several looks as one. */
export function joined(looks: readonly Look[]): Look {
  return { signs: looks.flatMap((look) => look.signs), gaps: looks.flatMap((look) => look.gaps) };
}

/**
 * The range that a look leaves. A sign only raises the lower end, because a cluster shows what is used and never what
 * is wanted; the upper end falls below 1 only when everything was read and nothing was found.
 */
export function readingOf(look: Look, withoutSign: number): Reading {
  const low = clamp01(Math.max(0, ...look.signs.map((sign) => sign.value)));
  const evidence = look.signs.map((sign) => sign.evidence);
  if (look.gaps.length > 0) {
    return { value: { low, high: 1 }, evidence, unknown: [...new Set(look.gaps)].join('; ') };
  }
  if (look.signs.length > 0)
    return { value: { low, high: 1 }, evidence, unknown: 'what is used is a lower bound of what is wanted' };
  return {
    value: { low: 0, high: withoutSign },
    evidence,
    unknown: 'the cluster shows no sign of it, and what is wanted is no object',
  };
}
