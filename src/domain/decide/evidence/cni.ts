import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { whyMissing } from '../../world/coverage.ts';
import type { Evidence } from '../../world/evidence.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import { pluginOfAgent } from '../../world/platform/cni.ts';
import type { World } from '../../world/world.ts';

/** The CNI by its name, and whether it removes the CNI configuration of others. */
export interface Cni {
  readonly cni: Fact<string>;
  /** Cilium’s `cni-exclusive`; unknown where it is not Cilium or its configuration was not read. */
  readonly exclusive: Fact<boolean>;
  readonly evidence: readonly Evidence[];
}

/** Which CNI the cluster runs, told by its DaemonSet. A cluster always has one, so finding none is unknown. */
export function cniOf(world: World): Cni {
  const daemonSets = world.list(KIND.daemonSet);
  const agents = daemonSets.objects.flatMap((object) => {
    const cni = pluginOfAgent(object.metadata);
    return cni === undefined ? [] : [{ object, cni }];
  });
  // Cilium counts wherever it runs: chained to another plugin it still takes part in every connection.
  const agent = agents.find(({ cni }) => cni === 'cilium') ?? agents[0];
  if (agent !== undefined) {
    const { object, cni } = agent;
    const value = object.metadata.name;
    return {
      cni: known(cni),
      exclusive: cni === 'cilium' ? exclusiveOf(world, object.metadata.namespace) : unknown('the CNI is not Cilium'),
      evidence: [{ object: refOf(object), field: 'metadata.name', value, rule: `the CNI is ${cni}` }],
    };
  }
  const reason = daemonSets.gap ?? 'no DaemonSet of a known CNI is here';
  return { cni: unknown(reason), exclusive: unknown(reason), evidence: [] };
}

/** The chart always writes the key, so that one without it was made in another way, and its default is not ours to guess. */
function exclusiveOf(world: World, namespace: string | undefined): Fact<boolean> {
  const ref = { kind: KIND.configMap, name: 'cilium-config', ...(namespace === undefined ? {} : { namespace }) };
  const config = world.get(ref);
  if (config === undefined) return unknown(whyMissing(world.coverage, ref));
  const value = asText(at(config.data, 'cni-exclusive'));
  if (value === 'true' || value === 'false') return known(value === 'true');
  return unknown('the ConfigMap cilium-config does not say cni-exclusive');
}
