import { asObjects, asText, at } from '../../../lib/json.ts';
import { compareBy, sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { Evidence } from '../evidence.ts';
import type { Fact } from '../fact.ts';
import type { World } from '../world.ts';
import { ofAll, shownBy } from './found.ts';

/** One kind of the Gateway API as the cluster serves it. */
export interface GatewayApiKind {
  readonly kind: string;
  /** Served versions in the order of the definition. */
  readonly versions: readonly string[];
  /** Release of the Gateway API that the definition is from, as `v1.4.0`; absent where it does not say. */
  readonly bundleVersion?: string;
  /** `standard` or `experimental`; absent where the definition does not say. */
  readonly channel?: string;
}

/** The Gateway API in the cluster; without kinds it is not there. */
export interface GatewayApi {
  /** More than one: several owners installed definitions. */
  readonly bundleVersions: readonly string[];
  readonly channels: readonly string[];
  readonly kinds: readonly GatewayApiKind[];
  readonly evidence: readonly Evidence[];
}

const GROUP = 'gateway.networking.k8s.io';
const EXPERIMENTAL_GROUP = 'gateway.networking.x-k8s.io';

/**
 * The Gateway API by its CustomResourceDefinitions and their annotations.
 * Source: https://gateway-api.sigs.k8s.io/concepts/versioning/.
 */
export function gatewayApiOf(world: World): Fact<GatewayApi> {
  return ofAll(world, KIND.customResourceDefinition, (definitions) => {
    const own = definitions.filter(({ spec }) => {
      const group = asText(at(spec, 'group'));
      return group === GROUP || group === EXPERIMENTAL_GROUP;
    });
    const kinds = own.map(readKind).sort(compareBy(({ kind }) => kind));
    return {
      bundleVersions: sortedUnique(kinds.flatMap(({ bundleVersion }) => bundleVersion ?? [])),
      channels: sortedUnique(kinds.flatMap(({ channel }) => channel ?? [])),
      kinds,
      evidence: own.map((definition) =>
        shownBy(definition, 'metadata.annotations', {
          value: definition.metadata.annotations[`${GROUP}/bundle-version`] ?? '(no bundle-version)',
          rule: 'the cluster serves this kind of the Gateway API',
        }),
      ),
    };
  });
}

function readKind({ spec, metadata }: KubeObject): GatewayApiKind {
  const bundleVersion = metadata.annotations[`${GROUP}/bundle-version`];
  const channel = metadata.annotations[`${GROUP}/channel`];
  const served = asObjects(at(spec, 'versions')).filter((version) => version['served'] === true);
  return {
    kind: asText(at(spec, 'names', 'kind')) ?? metadata.name,
    versions: served.flatMap((version) => asText(version['name']) ?? []),
    ...(bundleVersion === undefined ? {} : { bundleVersion }),
    ...(channel === undefined ? {} : { channel }),
  };
}
