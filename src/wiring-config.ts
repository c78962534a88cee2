import type { ReadConfig } from './adapters/config/read-config-file.ts';

/** The configuration of the named file, or of `meshwise.yaml` where it is there; undefined where there is none. */
export async function wireConfig(file: string | undefined): Promise<ReadConfig | undefined> {
  const { readConfigFile } = await import('./adapters/config/read-config-file.ts');
  return readConfigFile(file);
}
