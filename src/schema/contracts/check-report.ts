import { z } from 'zod';
import type { CheckReport, CheckSummary, Finding, NotAssessed, Remedy, WaivedBy } from '../../domain/checks/check.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { evidence, objectRef } from '../parts/references.ts';
import { change } from '../parts/steps.ts';
import { commandLine, count } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const severity = z
  .enum(['blocker', 'high', 'medium', 'low'])
  .describe('blocker: pods refused, or a near-certain outage at that stage; low: hygiene');
const stage = z.enum(['install', 'inject', 'permissive', 'strict', 'authz', 'day2']);

const remedy = describing<Remedy>()(
  z
    .object({
      text: z.string(),
      change: z.exactOptional(change.describe('steps computed from the finding')),
      commands: z.exactOptional(z.array(commandLine)),
    })
    .meta({ id: 'Remedy', description: 'What to do about a finding.' }),
);

const waivedBy = describing<WaivedBy>()(
  z
    .object({
      reason: z.string(),
      owner: z.string(),
      expires: z.string(),
      expired: z.boolean(),
      warning: z.exactOptional(z.string()),
    })
    .meta({ id: 'WaivedBy', description: 'The waiver that covers a finding, and whether it still holds.' }),
);

const finding = describing<Finding>()(
  z
    .object({
      check: z.string(),
      title: z.string(),
      severity,
      certainty: z.enum(['exact', 'heuristic']),
      stages: z.array(stage),
      object: objectRef,
      field: z.exactOptional(z.string()),
      value: z.exactOptional(z.string()),
      message: z.string().describe('what will happen, at which stage'),
      evidence: z.array(evidence),
      remedy,
      sources: z.array(z.string()),
      waived: z.exactOptional(waivedBy),
    })
    .meta({ id: 'Finding', description: 'What a check found.' }),
);

const notAssessed = describing<NotAssessed>()(
  z
    .object({
      check: z.string(),
      reason: z.string(),
      objects: z.array(objectRef).describe('what it is not decided for; empty where it is the whole world'),
    })
    .meta({ id: 'NotAssessed', description: 'What a check could not decide, and why.' }),
);

const summary = describing<CheckSummary>()(
  z.object({
    checks: count,
    findings: z
      .object({ blocker: count, high: count, medium: count, low: count })
      .describe('by severity; without those that a waiver in force covers'),
    waived: count,
    notAssessed: count,
    passed: count,
  }),
);

/** The result of `check`. */
export const checkReport = describing<HeadOf<'CheckReport'> & CheckReport>()(
  z.object({
    ...headOf('CheckReport'),
    target: z.enum(['istio-sidecar', 'istio-ambient', 'linkerd']),
    stage: z.exactOptional(stage.describe('only checks of this stage; absent for all')),
    findings: z.array(finding).describe('sorted by severity, object and check; waived ones included'),
    notAssessed: z.array(notAssessed),
    passed: z.array(z.string()).describe('ids of the checks that looked at everything and found nothing'),
    summary,
  }),
);
