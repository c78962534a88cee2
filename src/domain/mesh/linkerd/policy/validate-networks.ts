import { parseCidr } from '../../../kubernetes/cidr.ts';
import { asObjects, asText, asTexts, at } from '../../../../lib/json.ts';
import { blockIsInside } from './networks.ts';

/**
 * What Linkerd's webhook says against a list of networks: a block that cannot be read, an exception that takes the
 * whole block, or that lies outside it. Undefined where it takes the list.
 * Source: linkerd2 policy-controller/runtime/src/admission.rs#validate_networks.
 */
export function whyNetworksRefused(raw: unknown): string | undefined {
  for (const network of asObjects(raw)) {
    const text = asText(network['cidr']) ?? '';
    const cidr = parseCidr(text);
    if (cidr === undefined) return `"${text}" is no CIDR and no address`;
    for (const exception of asTexts(at(network, 'except'))) {
      const except = parseCidr(exception);
      if (except === undefined) return `"${exception}" is no CIDR and no address`;
      if (blockIsInside(cidr, except)) return `the exception ${exception} takes all of ${text}`;
      if (!blockIsInside(except, cidr)) return `the exception ${exception} is not in ${text}`;
    }
  }
  return undefined;
}
