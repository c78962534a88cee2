import { openStages } from '../../domain/rollout/open-stages.ts';
import type { RolloutPlan, Stage } from '../../domain/rollout/plan.ts';
import type { Files } from './bundle-tools.ts';
import { planJson } from './plan-json.ts';
import { frameFiles } from './render-bundle.ts';
import { layoutFiles } from './layout-files.ts';
import { rollbackFolder, stageFolder, stageNumber } from './names.ts';
import type { RenderContext } from './render-context.ts';
import { stageChanges, type Changes } from './stage-changes.ts';
import { isWritten } from './stage-state.ts';
import { escapeTerminal, safePathSegment } from '../escape.ts';

/** The files below the bundle's folder that are there before a pull request, as paths in the bundle. */
export interface BundleBefore {
  readonly paths: readonly string[];
  readonly read: (path: string) => string | undefined;
}

/** What one pull request of a plan is. */
export interface StageRequest {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly dependsOn: readonly string[];
  /** The page with the body, as a path in the bundle. */
  readonly page: string;
  readonly body: string;
  /** Paths in the bundle; undefined where what is there has it already. */
  readonly changes: (before: BundleBefore) => Changes | undefined;
}

/** Id of the pull request that a GitOps layout needs before the first stage. */
const LAYOUT = 'layout';

/** GitHub takes no longer body (https://github.com/orgs/community/discussions/27190). */
const LONGEST_BODY = 60_000;

/**
 * A pull request for each stage that may be applied in its turn, in the order of the plan; before them the empty folders
 * of a GitOps layout. A stage that waits for one that is not written out has none.
 */
export function stageRequests(context: RenderContext): readonly StageRequest[] {
  const { plan, layout } = context;
  // Each branch has the page of the plan and the check of its gate: it may be the first that is merged.
  const frame = layout.layout === 'kustomize' ? frameFiles(context) : new Map([['plan.json', planJson(plan)]]);
  const open = openStages(plan);
  const stages = plan.stages
    .filter((stage) => isWritten(stage) && open.has(stage.id))
    .map((stage) => stageRequest(context, stage, frame));
  if (layout.layout === 'kustomize') return stages;
  return [layoutRequest(context), ...stages.map((stage) => ({ ...stage, dependsOn: [LAYOUT, ...stage.dependsOn] }))];
}

function layoutRequest(context: RenderContext): StageRequest {
  const frame = frameFiles(context);
  const controller = context.layout.layout === 'argocd' ? 'Argo CD Applications' : 'suspended Flux Kustomizations';
  return {
    id: LAYOUT,
    title: `Layout of the rollout: ${controller} over empty folders`,
    summary: 'Creates nothing in the cluster: each stage fills its folder with a pull request of its own.',
    dependsOn: [],
    page: 'README.md',
    body: shortened(frame.get('README.md') ?? '', 'README.md'),
    changes: ({ paths }) => {
      const there = new Set(paths);
      // What is there may be awake or filled already: only what is missing is added.
      const missing = [...layoutFiles(context)].filter(([path]) => !there.has(path));
      return missing.length === 0 && there.has('README.md') ? undefined : new Map([...frame, ...missing]);
    },
  };
}

function stageRequest(context: RenderContext, stage: Stage, frame: Files): StageRequest {
  const { plan } = context;
  const page = `${stageFolder(plan, stage)}/README.md`;
  return {
    id: stage.id,
    title: escapeTerminal(`${stageNumber(plan, stage)} ${stage.title}`),
    summary: stage.why,
    dependsOn: writtenBefore(plan, stage),
    page,
    body: shortened(stageChanges(context, stage, []).get(page) ?? '', page),
    changes: (before) => {
      const changes = stageChanges(context, stage, before.paths);
      return isThere(context, { stage, changes, before }) ? undefined : new Map([...changes, ...frame]);
    },
  };
}

/** The stages with a pull request that a stage waits for, also through stages that have none. */
function writtenBefore(plan: RolloutPlan, stage: Stage): readonly string[] {
  const found = new Set<string>();
  const passed = new Set<string>();
  const follow = (ids: readonly string[]): void => {
    for (const other of plan.stages) {
      if (!ids.includes(other.id) || passed.has(other.id)) continue;
      passed.add(other.id);
      if (isWritten(other)) found.add(other.id);
      else follow(other.dependsOn);
    }
  };
  follow(stage.dependsOn);
  return plan.stages.filter(({ id }) => found.has(id)).map(({ id }) => id);
}

interface Presence {
  readonly stage: Stage;
  readonly changes: Changes;
  readonly before: BundleBefore;
}

/**
 * Whether a stage was merged. With a GitOps layout its page tells, because a later stage may have edited its objects;
 * else its own files do, whatever its page says by now.
 */
function isThere({ layout }: RenderContext, { stage, changes, before }: Presence): boolean {
  const page = new RegExp(`^\\d+-${escaped(safePathSegment(stage.id))}/README\\.md$`);
  if (!before.paths.some((path) => page.test(path))) return false;
  if (layout.layout !== 'kustomize') return true;
  const told = (path: string): boolean =>
    path.endsWith('/README.md') || path.endsWith('/gate.yaml') || path.startsWith(`${rollbackFolder(stage)}/`);
  return [...changes].every(([path, text]) => told(path) || before.read(path) === text);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function shortened(text: string, path: string): string {
  if (text.length <= LONGEST_BODY) return text;
  const end = text.lastIndexOf('\n', LONGEST_BODY);
  return `${text.slice(0, end)}\n\nThis is the beginning: the rest is in ${path}.\n`;
}
