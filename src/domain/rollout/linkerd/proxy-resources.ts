import { asNumber, asText, at } from '../../../lib/json.ts';
import { chartValues } from '../../mesh/linkerd/control-plane-settings.ts';
import { known, mapFact, type Fact } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import { PROXY_RESOURCES } from './control-plane-values.ts';
import { linkerdFacts } from './linkerd-facts.ts';

/** What a container states of one resource, as it is written. */
export interface StatedAmounts {
  readonly request: string | undefined;
  readonly limit: string | undefined;
}

/** What a proxy states where no annotation says otherwise. */
export interface StatedResources {
  readonly cpu: StatedAmounts;
  readonly memory: StatedAmounts;
}

/**
 * What the chart's values give every proxy: those of this plan where no control plane is in the world that it starts
 * from, else those of the control plane that is; unknown where these were not read.
 */
export function proxyResources(start: World): Fact<StatedResources> {
  const { plane, namespace } = linkerdFacts(start);
  if (plane === undefined) return known(statedIn(PROXY_RESOURCES));
  return mapFact(chartValues(start, namespace), (values) => statedIn(at(values, 'proxy', 'resources')));
}

function statedIn(resources: unknown): StatedResources {
  const amounts = (resource: string): StatedAmounts => ({
    request: textAt(resources, resource, 'request'),
    limit: textAt(resources, resource, 'limit'),
  });
  return { cpu: amounts('cpu'), memory: amounts('memory') };
}

/** The chart's empty text states nothing; YAML may give a number. */
function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  const number = asNumber(found);
  const text = asText(found) ?? (number === undefined ? '' : String(number));
  return text === '' ? undefined : text;
}
