import type { WrittenStage } from './adapters/files/read-plan.ts';
import type { PlanIdentity } from './app/make-plan.ts';
import type { OpenedWorld } from './app/open-world.ts';
import type { RolloutPlan } from './domain/rollout/plan.ts';

/** A function that writes a plan's bundle to the folder: all of it, or nothing. */
export async function wireBundle(directory: string): Promise<(plan: RolloutPlan) => void> {
  const [
    { renderBundle },
    { createTemplateRenderer },
    { escapeMarkdown },
    { writeYaml, writeYamlValue },
    { writeTree },
  ] = await Promise.all([
    import('./render/bundle/render-bundle.ts'),
    import('./adapters/templates/template-renderer.ts'),
    import('./render/escape.ts'),
    import('./adapters/yaml/write.ts'),
    import('./adapters/files/write-tree.ts'),
  ]);
  const renderTemplate = createTemplateRenderer({ escape: escapeMarkdown });
  return (plan) => {
    writeTree(directory, renderBundle(plan, { renderTemplate, writeYaml, writeYamlValue }));
  };
}

/** A function that reads the stages of a bundle that was written before. */
export async function wirePlanReader(): Promise<(path: string) => readonly WrittenStage[]> {
  const { readPlan } = await import('./adapters/files/read-plan.ts');
  return readPlan;
}

/** Who plans, and over exactly which objects and calls. */
export async function wireIdentity(opened: OpenedWorld, meshwiseVersion: string): Promise<PlanIdentity> {
  const { fingerprintOf } = await import('./adapters/files/fingerprint.ts');
  return { meshwiseVersion, fingerprint: fingerprintOf(opened.reading.objects, opened.observed) };
}
