import type { WrittenStage } from './adapters/files/read-plan.ts';
import type { PlanIdentity } from './app/make-plan.ts';
import type { OpenedWorld } from './app/open-world.ts';
import type { RolloutPlan } from './domain/rollout/plan.ts';
import type { BundleTools } from './render/bundle/bundle-tools.ts';
import { usageError } from './lib/errors.ts';
import { hasCredentials, withoutCredentials } from './lib/repository-url.ts';
import type { Layout } from './render/bundle/layout.ts';

/** How a bundle is written; for kubectl, and to lie in `rollout/` of its repository, where nothing else is said. */
export interface BundleWishes {
  readonly layout?: Layout;
  /** Where Argo CD finds the repository. */
  readonly repoUrl?: string;
  /** The folder of the bundle in its repository. */
  readonly repoPath?: string;
}

/** A function that writes a plan's bundle to the folder: all of it, or nothing. */
export async function wireBundle(directory: string, wishes: BundleWishes = {}): Promise<(plan: RolloutPlan) => void> {
  const [{ bundleFiles }, { KUSTOMIZE }, tools, { writeTree }] = await Promise.all([
    import('./render/bundle/render-bundle.ts'),
    import('./render/bundle/layout.ts'),
    wireBundleTools(),
    import('./adapters/files/write-tree.ts'),
  ]);
  return (plan) => {
    writeTree(directory, bundleFiles(plan, tools, { ...KUSTOMIZE, ...wishes }));
  };
}

/** The address is copied into files that everybody reads, and a secret there is none any more: a usage error. */
export function refuseCredentials(repoUrl: string | undefined): void {
  if (repoUrl === undefined || !hasCredentials(repoUrl)) return;
  throw usageError(
    'credentials-in-url',
    '--repo-url holds a user, a password, a token or a query, and it would be copied into the Applications',
    `give the address alone (${withoutCredentials(repoUrl)}); Argo CD takes credentials from a repository Secret of its own`,
  );
}

/** What rendering a bundle needs of packages. */
export async function wireBundleTools(): Promise<BundleTools> {
  const [{ createTemplateRenderer }, { escapeMarkdown }, { writeYaml, writeYamlValue }] = await Promise.all([
    import('./adapters/templates/template-renderer.ts'),
    import('./render/escape.ts'),
    import('./adapters/yaml/write.ts'),
  ]);
  return { renderTemplate: createTemplateRenderer({ escape: escapeMarkdown }), writeYaml, writeYamlValue };
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
