import { unknown } from '../world/fact.ts';
import type { DataPlane, Mesh } from './mesh.ts';
import { undecided } from './recognised/enrolment.ts';
import { unresolvedCalls } from './recognised/unresolved.ts';

/** A mesh with what it says stands between some pods and the network. */
export interface Claim {
  readonly mesh: Mesh;
  readonly dataPlane: DataPlane;
}

/**
 * What stands before pods that more than one mesh claims: proxies do not recognise each other, and two that redirect
 * the same traffic shut each other out or send it in a circle. Every answer is unknown and names them all.
 */
export function contested(claims: readonly [Claim, ...Claim[]]): Claim {
  const reason = whyContested(claims);
  const [first] = claims;
  const mesh: Mesh = {
    id: 'contested',
    displayName: claims.map((claim) => claim.mesh.displayName).join(' and '),
    detect: (world) => first.mesh.detect(world),
    enrolment: () => undecided(reason),
    admit: () => ({ pod: undefined, assumptions: [reason] }),
    dataPlane: () => dataPlane,
    ...unresolvedCalls(reason),
  };
  const dataPlane: DataPlane = { mesh: 'contested', mode: 'unknown', captured: unknown(reason), native: false, reason };
  return { mesh, dataPlane };
}

function whyContested(claims: readonly Claim[]): string {
  const sure = claims.filter(({ dataPlane }) => dataPlane.mode !== 'unknown');
  const names = sure.map(({ mesh, dataPlane }) => `${mesh.displayName} (${dataPlane.mode})`).join(' and ');
  const [open, other] = claims.filter(({ dataPlane }) => dataPlane.mode === 'unknown');
  const who = other === undefined ? open?.mesh.displayName : 'another mesh';
  const maybe =
    open === undefined || who === undefined
      ? ''
      : `, and whether ${who} does too is not known: ${open.dataPlane.reason}`;
  return sure.length > 1
    ? `${names} both take these pods${maybe}: what becomes of their calls is not known`
    : `${names} takes these pods${maybe}`;
}
