import { compareText } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import { known, mapFact, unknown, type Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { rowsOf, whyNotAll } from './found.ts';

export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** The levels that the labels of a namespace ask for; a mode without a label follows a default that no object shows. */
export interface NamespacePodSecurity {
  readonly namespace: string;
  readonly enforce?: PodSecurityLevel;
  readonly audit?: PodSecurityLevel;
  readonly warn?: PodSecurityLevel;
}

/** How many namespaces are at each level of one mode. */
export interface LevelCounts {
  readonly privileged: number;
  readonly baseline: number;
  readonly restricted: number;
  /** Without a label: privileged, unless the API server was configured otherwise. */
  readonly unlabelled: number;
}

/** Pod Security by namespace. */
export interface PodSecurity {
  /** Namespaces that ask for a level in any mode. */
  readonly namespaces: Fact<readonly NamespacePodSecurity[]>;
  readonly enforce: Fact<LevelCounts>;
  readonly audit: Fact<LevelCounts>;
  readonly warn: Fact<LevelCounts>;
  /** Whether OpenShift's SecurityContextConstraints decide about pods as well. */
  readonly securityContextConstraints: Fact<boolean>;
}

type Mode = 'enforce' | 'audit' | 'warn';

const LABEL = 'pod-security.kubernetes.io/';
const CONSTRAINTS = 'securitycontextconstraints.security.openshift.io';

/**
 * Pod Security levels by the labels of namespaces.
 * Source: https://kubernetes.io/docs/concepts/security/pod-security-admission/.
 */
export function podSecurityOf(world: World): PodSecurity {
  const rows = rowsOf(world, KIND.namespace, readNamespace);
  const counts = (mode: Mode): Fact<LevelCounts> => mapFact(rows, (all) => countLevels(all.map((row) => row[mode])));
  return {
    namespaces: mapFact(rows, (all) =>
      all
        .filter(({ enforce, audit, warn }) => (enforce ?? audit ?? warn) !== undefined)
        .sort((left, right) => compareText(left.namespace, right.namespace)),
    ),
    enforce: counts('enforce'),
    audit: counts('audit'),
    warn: counts('warn'),
    securityContextConstraints: constraintsOf(world),
  };
}

function readNamespace({ metadata }: KubeObject): NamespacePodSecurity {
  const levels = (['enforce', 'audit', 'warn'] as const).flatMap((mode) => {
    const text = metadata.labels[`${LABEL}${mode}`];
    return text === undefined ? [] : [[mode, levelOf(text, mode)] as const];
  });
  return { namespace: metadata.name, ...Object.fromEntries(levels) };
}

/**
 * What is no level counts as restricted where it enforces and as privileged elsewhere.
 * Source: k8s.io/pod-security-admission/api/helpers.go, PolicyToEvaluate.
 */
function levelOf(text: string, mode: Mode): PodSecurityLevel {
  if (text === 'privileged' || text === 'baseline' || text === 'restricted') return text;
  return mode === 'enforce' ? 'restricted' : 'privileged';
}

function countLevels(levels: readonly (PodSecurityLevel | undefined)[]): LevelCounts {
  const count = (wanted: PodSecurityLevel | undefined): number => levels.filter((level) => level === wanted).length;
  return {
    privileged: count('privileged'),
    baseline: count('baseline'),
    restricted: count('restricted'),
    unlabelled: count(undefined),
  };
}

function constraintsOf(world: World): Fact<boolean> {
  if (world.get({ kind: KIND.customResourceDefinition, name: CONSTRAINTS }) !== undefined) return known(true);
  const gap = whyNotAll(world, [KIND.customResourceDefinition]);
  return gap === undefined ? known(false) : unknown(gap);
}
