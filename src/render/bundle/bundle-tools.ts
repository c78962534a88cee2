import type { Manifest } from '../../domain/world/step.ts';

/** What rendering a bundle is given, because a renderer has no package for it. */
export interface BundleTools {
  /** A manifest as YAML, the comment above it behind `# `. */
  readonly writeYaml: (manifest: Manifest, comment?: string) => string;
  /** Any other value as YAML, keys as given. */
  readonly writeYamlValue: (value: unknown, comment?: string) => string;
  /** A page of prose: the name of a template and its model, whose texts are escaped there except `Markdown`. */
  readonly renderTemplate: (name: string, model: object) => string;
}

/** The files of a bundle or of a folder in it: relative path to content. */
export type Files = ReadonlyMap<string, string>;

/** The files with a folder put before each path. */
export function inFolder(folder: string, files: Files): Files {
  return new Map([...files].map(([path, content]) => [`${folder}/${path}`, content]));
}

/** All files together; two files at one path are a mistake of the plan and never silently one. */
export function joinFiles(...parts: readonly Files[]): Files {
  const all = new Map<string, string>();
  for (const [path, content] of parts.flatMap((part) => [...part])) {
    if (all.has(path)) throw new Error(`the rollout bundle has two files at ${path}`);
    all.set(path, content);
  }
  return all;
}
