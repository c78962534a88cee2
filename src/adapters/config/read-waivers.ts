import type { Waiver } from '../../domain/checks/check.ts';
import { dateAt, listAt, textAt, toPlace, type Place } from './config-values.ts';

const SETTINGS: readonly string[] = ['check', 'reason', 'owner', 'expires', 'object'];

const CHECK_ID = {
  pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  what: 'id of a check',
  hint: 'meshwise explain lists all checks',
};

/**
 * The waivers of findings in a configuration. A waiver accepts what it covers, so whatever is not understood is a usage
 * error that names the place, and never skipped.
 */
export function readWaivers(root: Place): readonly Waiver[] {
  return listAt(root, 'waivers', (each, where) => {
    const waiver = toPlace(each, where, SETTINGS);
    return {
      check: textAt(waiver, 'check', CHECK_ID),
      reason: textAt(waiver, 'reason'),
      owner: textAt(waiver, 'owner'),
      expires: dateAt(waiver, 'expires'),
      ...(waiver.value['object'] === undefined ? {} : { object: textAt(waiver, 'object') }),
    };
  });
}
