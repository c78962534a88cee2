import type { JsonObject } from '../../lib/json.ts';
import { asText, asTexts } from '../../lib/json.ts';

/** Flags of Consul's injector that decide which pods it takes, and what it does with them. */
const FLAG =
  /(?:^|\s)-{1,2}(default-inject|default-enable-transparent-proxy|allow-k8s-namespace|deny-k8s-namespace)(?:[= ]"?([A-Za-z0-9*-]{1,63})"?)?(?=\s|$|\\)/g;
const INJECTOR = 'sidecar-injector';
const IMAGE = /consul-k8s/;

/**
 * Of the command of Consul's injector, a shell script, the flags that decide about injection, one `-name=value` each;
 * undefined for any other container. Nothing else of the script is kept.
 * Source: consul-k8s charts/consul/templates/connect-inject-deployment.yaml.
 */
export function injectorFlags(container: JsonObject): readonly string[] | undefined {
  if (container['name'] !== INJECTOR || !IMAGE.test(asText(container['image']) ?? '')) return undefined;
  const words = [...asTexts(container['command']), ...asTexts(container['args'])];
  const flags = words.flatMap((text) => [...text.matchAll(FLAG)]);
  return flags.map(([, name, value]) => `-${name ?? ''}=${value ?? 'true'}`);
}
