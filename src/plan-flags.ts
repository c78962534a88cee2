import { Flags } from '@oclif/core';
import { COEXISTING_MESHES } from './domain/rollout/choices.ts';
import { TARGETS } from './domain/rollout/target-names.ts';

/** The flags by which `plan` is told what to plan, and where to write it. */
export const planFlags = {
  target: Flags.option({ options: TARGETS, summary: 'what to roll out; asked for if missing' })(),
  goal: Flags.option({
    options: ['enrol', 'permissive', 'strict', 'deny-by-default'] as const,
    default: 'deny-by-default' as const,
    summary: 'how far to go',
  })(),
  'accept-evidence': Flags.option({
    options: ['observed', 'declared', 'inferred'] as const,
    default: 'observed' as const,
    summary: 'weakest evidence of calls on which a stage that cuts is written out',
  })(),
  'min-window': Flags.integer({ min: 1, summary: 'days that calls must have been watched', helpValue: 'DAYS' }),
  'mesh-version': Flags.string({ summary: 'version to install; the newest that the cluster supports if not given' }),
  namespace: Flags.string({
    char: 'n',
    multiple: true,
    multipleNonGreedy: true,
    summary: 'plan this namespace only (all are read); repeatable',
  }),
  config: Flags.string({
    summary: 'file of choices (plan:); meshwise.yaml here, if it is there and no other is named',
    helpValue: 'FILE',
  }),
  'split-service-accounts': Flags.boolean({
    summary: 'split shared service accounts, as stages of their own',
  }),
  'mesh-wide': Flags.boolean({ summary: 'end with stages for the whole mesh' }),
  'coexist-with': Flags.option({
    options: COEXISTING_MESHES,
    multiple: true,
    multipleNonGreedy: true,
    summary: 'plan beside this other mesh, whose workloads are left alone; without it such a plan stops; repeatable',
    helpValue: 'MESH',
  })(),
  out: Flags.string({ summary: 'folder to write the rollout to; replaced whole, or not at all', helpValue: 'DIR' }),
  layout: Flags.option({
    options: ['kustomize', 'argocd', 'flux'] as const,
    default: 'kustomize' as const,
    summary: 'how the folder is laid out for whoever applies it',
  })(),
  'repo-url': Flags.string({ summary: 'repository that Argo CD reads the rollout from', helpValue: 'URL' }),
  previous: Flags.string({
    summary: 'rollout whose waves and stage ids are kept; the one in --out, if it is there and no other is named',
    helpValue: 'DIR',
  }),
  diff: Flags.string({
    summary: 'print what changed since this rollout was planned instead of the plan',
    helpValue: 'DIR',
  }),
  'require-ready': Flags.boolean({ summary: 'end with status 1 where a stage is blocked or an outline' }),
};

/** What the flags that say where to write, and what was planned before, hold once they are parsed. */
export interface PlanFlags {
  readonly out?: string | undefined;
  readonly layout: 'kustomize' | 'argocd' | 'flux';
  readonly 'repo-url'?: string | undefined;
  readonly previous?: string | undefined;
  readonly diff?: string | undefined;
}
