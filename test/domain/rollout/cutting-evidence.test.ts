import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import { cuttingEvidence } from '../../../src/domain/rollout/cutting-evidence.ts';
import type { EvidenceRule, JudgedPort, PortEvidence } from '../../../src/domain/rollout/evidence-rule.ts';
import type { RolloutInput } from '../../../src/domain/rollout/rollout-input.ts';
import type { Basis } from '../../../src/domain/world/coverage.ts';
import { workloadsIn } from '../../../src/domain/world/workloads-of.ts';
import { worldFrom } from '../../support/build-world.ts';
import { SHOP, watched } from './shop.ts';

const WORLDS = { live: worldFrom(SHOP), declared: worldFrom(SHOP, { basis: 'declared' }) } as const;
const WORKLOADS = ['shop', 'pay'].flatMap((namespace) => workloadsIn(WORLDS.live, namespace));

const port = fc
  .record({
    workload: fc.constantFrom(...WORKLOADS),
    port: fc.constantFrom(8080, 9090),
    evidence: fc.constantFrom<PortEvidence>('none', 'inferred', 'declared', 'observed'),
  })
  .map(({ evidence, ...server }): JudgedPort => ({ port: { ...server, calls: [] }, evidence }));

const obstacle = { kind: 'evidence', what: 'another cluster may call', remedy: 'read it' } as const;

const rule = fc
  .record({ isUnobserved: fc.boolean(), isUnseen: fc.boolean() })
  .map(({ isUnobserved, isUnseen }): EvidenceRule => ({
    minWindowSeconds: 604_800,
    windows: [],
    windowNotes: [],
    notObservable: isUnobserved ? ['shop/CronJob/report: it runs monthly'] : [],
    unseenCallers: isUnseen ? [obstacle] : [],
    ports: new Map(),
    isOwnPort: () => false,
  }));

const input = fc
  .record({
    basis: fc.constantFrom<Basis & keyof typeof WORLDS>('live', 'declared'),
    acceptEvidence: fc.constantFrom<RolloutInput['acceptEvidence']>('observed', 'declared', 'inferred'),
    waived: fc.uniqueArray(fc.constantFrom('shop', 'pay/Deployment/payments', 'shop/CronJob/report')),
  })
  .map(({ basis, acceptEvidence, waived }): RolloutInput => ({
    world: WORLDS[basis],
    graph: watched(WORLDS[basis], []),
    target: 'linkerd',
    goal: 'deny-by-default',
    choices: {
      ...NO_CHOICES,
      waivers: waived.map((what) => ({ what, reason: 'they know', owner: 'ana', expires: '2027-01-31' })),
    },
    acceptEvidence,
    meshwiseVersion: '0.0.0',
    fingerprint: 'none',
    warnings: [],
  }));

const parts = fc.array(fc.array(port, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

describe('the evidence for a stage that cuts many ports', () => {
  test.prop([parts, rule, input])('lacks exactly where it lacks for one of them', (ports, held, given) => {
    const isLacking = (some: readonly JudgedPort[]): boolean => cuttingEvidence(some, held, given).state === 'outline';
    expect(isLacking(ports.flat())).toBe(ports.some(isLacking));
  });
});
