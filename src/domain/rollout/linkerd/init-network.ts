import { SKIP_OUTBOUND_PORTS } from '../../mesh/linkerd/names.ts';
import { cniAgents } from '../../mesh/linkerd/capture.ts';
import { known } from '../../world/fact.ts';
import type { World } from '../../world/world.ts';
import type { InitNetwork } from '../waves/init-network.ts';
import { linkerdFacts } from './linkerd-facts.ts';

/** What decides in a world with Linkerd; where its chart values were not read, the plugin's agents on the nodes tell. */
export function linkerdInitNetwork(world: World): InitNetwork {
  const { cniEnabled } = linkerdFacts(world);
  const byPlugin = cniEnabled.known ? cniEnabled : known(cniAgents(world).objects.length > 0);
  return { world, redirectedByPlugin: () => byPlugin, exclusion: SKIP_OUTBOUND_PORTS, proxyUser: 2102 };
}
