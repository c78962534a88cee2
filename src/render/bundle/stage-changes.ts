import { keyOf } from '../../domain/kubernetes/object.ts';
import type { Stage } from '../../domain/rollout/plan.ts';
import type { Step } from '../../domain/world/step.ts';
import { joinFiles, type BundleTools, type Files } from './bundle-tools.ts';
import { stageComment } from './comment.ts';
import { homeFile, homeFolder, homesOf, isHomeFile, liveManifests } from './layout.ts';
import { controllerFile, controllerPath, hasHome, homeIndex } from './layout-files.ts';
import { refOfManifest } from './manifest-files.ts';
import type { RenderContext } from './render-context.ts';
import { rollbackFiles } from './rollback-files.ts';
import { stageFiles } from './stage-files.ts';

/** Files that a stage writes, by path below the bundle's folder; undefined where it takes one away. */
export type Changes = ReadonlyMap<string, string | undefined>;

/**
 * What the pull request of a stage changes, on top of the files of `live/` that are there before it: its folder and its
 * rollback; with a GitOps layout its objects go to their homes instead of its folder, where an object that is there
 * already is edited in place.
 */
export function stageChanges(context: RenderContext, stage: Stage, before: readonly string[]): Changes {
  const { plan, layout } = context;
  const own = joinFiles(stageFiles(context, stage), rollbackFiles(context, stage));
  if (layout.layout === 'kustomize') return own;
  const moved = new Set(liveCopies(stage, own));
  const kept = new Map([...own].filter(([path]) => !moved.has(path)));
  const woken: Files =
    layout.layout === 'flux' && hasHome(plan, stage)
      ? new Map([[controllerPath(stage, layout), controllerFile(context, stage, false)]])
      : new Map();
  return new Map<string, string | undefined>([...kept, ...woken, ...liveChanges(context, stage, before)]);
}

/** The files of a stage's folder that a controller would read a second time. */
function liveCopies(stage: Stage, files: Files): readonly string[] {
  const objects = liveManifests(stage.steps).length;
  if (objects === 0) return [];
  const isCopy = (path: string): boolean => {
    const [top, name = '', ...deeper] = path.split('/');
    const isOfStage = top !== 'rollback' && deeper.length === 0;
    return isOfStage && name !== 'README.md' && name !== 'gate.yaml' && !isKeptByHand(stage, name);
  };
  return [...files.keys()].filter(isCopy);
}

/** Helm values, and objects that no controller may prune. */
function isKeptByHand(stage: Stage, name: string): boolean {
  const isValues = stage.helmValues.some(({ file }) => name.startsWith(file));
  return isValues || /^(?:namespace|customresourcedefinition)-/.test(name);
}

function liveChanges({ plan, tools }: RenderContext, stage: Stage, before: readonly string[]): Changes {
  const homes = homesOf(plan);
  const live = new Set(before.filter((path) => path.startsWith('live/')));
  const changes = new Map<string, string | undefined>();
  const touched = new Set<string>();
  for (const step of stage.steps) {
    const change = liveChange(step, stage, tools);
    if (change === undefined) continue;
    const folder = homeOf(change.file, live) ?? homeFolder((homes.get(change.key) ?? stage).id);
    const path = `${folder}/${change.file}`;
    if (change.content === undefined && !live.has(path)) continue;
    changes.set(path, change.content);
    touched.add(folder);
    if (change.content === undefined) live.delete(path);
    else live.add(path);
  }
  for (const folder of touched) changes.set(`${folder}/kustomization.yaml`, indexOf(tools, folder, live));
  return changes;
}

interface LiveChange {
  readonly key: string;
  readonly file: string;
  readonly content: string | undefined;
}

function liveChange(step: Step, stage: Stage, tools: BundleTools): LiveChange | undefined {
  if (step.step === 'delete') return { key: keyOf(step.target), file: homeFile(step.target), content: undefined };
  if (step.step !== 'apply' || liveManifests([step]).length === 0) return undefined;
  const ref = refOfManifest(step.manifest);
  return { key: keyOf(ref), file: homeFile(ref), content: tools.writeYaml(step.manifest, stageComment(stage)) };
}

/** Where an object lies already: an object keeps its home whatever a later plan says. */
function homeOf(file: string, live: ReadonlySet<string>): string | undefined {
  const path = [...live].find((each) => each.endsWith(`/${file}`));
  return path?.slice(0, path.lastIndexOf('/'));
}

function indexOf(tools: BundleTools, folder: string, live: ReadonlySet<string>): string {
  const files = [...live]
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1))
    .filter(isHomeFile);
  return homeIndex(tools, { id: folder.slice('live/'.length) }, files);
}
