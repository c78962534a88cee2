import { asText, at } from '../../../lib/json.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { Kind } from '../../kubernetes/object.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import type { World } from '../../world/world.ts';
import type { Obstacle } from '../plan.ts';
import { GATEWAY_API, type LinkerdRelease } from './linkerd-releases.ts';

/** What is done about the Gateway API definitions. */
export interface GatewayApi {
  readonly commands: readonly (readonly string[])[];
  readonly kinds: readonly Kind[];
  readonly notes: readonly string[];
  readonly blockedBy: readonly Obstacle[];
}

const GATEWAY_API_KINDS = [KIND.httpRoute, KIND.grpcRoute] as const;

/** Linkerd does not install without HTTPRoute and GRPCRoute, and reads only some releases of them. */
export function gatewayApiOf(world: World, { gatewayApiFrom, gatewayApiTo, line }: LinkerdRelease): GatewayApi {
  const { objects, gap } = world.list(KIND.customResourceDefinition);
  const own = objects.filter(({ spec }) => asText(at(spec, 'group')) === 'gateway.networking.k8s.io');
  const nothing = { commands: [], kinds: [], notes: [], blockedBy: [] };
  if (own.length === 0 && gap !== undefined) {
    return {
      ...nothing,
      notes: [`Whether the Gateway API definitions are here was not read (${gap}): linkerd check --pre tells.`],
    };
  }
  if (own.length === 0) {
    const url = `https://github.com/kubernetes-sigs/gateway-api/releases/download/v${GATEWAY_API}/standard-install.yaml`;
    return { ...nothing, commands: [['kubectl', 'apply', '--server-side', '-f', url]], kinds: GATEWAY_API_KINDS };
  }
  const versions = own.flatMap(
    ({ metadata }) => metadata.annotations['gateway.networking.k8s.io/bundle-version'] ?? [],
  );
  const [version = ''] = [...new Set(versions)];
  const range = `Linkerd ${line} reads ${gatewayApiFrom} to ${gatewayApiTo}`;
  if (isBefore(version, gatewayApiFrom)) {
    const what = `the Gateway API definitions here are ${version}, and ${range}`;
    return {
      ...nothing,
      blockedBy: [{ kind: 'platform', what, remedy: 'upgrade them with whoever installed them, and plan again' }],
    };
  }
  if (isBefore(gatewayApiTo, version)) {
    return {
      ...nothing,
      notes: [
        `The Gateway API definitions here are ${version}, and ${range}: a route with a newer field may be left out, so keep Linkerd's own routes to older ones.`,
      ],
    };
  }
  return nothing;
}

function isBefore(left: string, right: string): boolean {
  const [one, other] = [parseVersion(left), parseVersion(right)];
  if (one === undefined || other === undefined) return false;
  return one.major < other.major || (one.major === other.major && one.minor < other.minor);
}
