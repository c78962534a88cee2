import { known, unknown, type Fact } from '../../../world/fact.ts';

/** A change of the policy controller: the first release with it, and the month in which it was merged. */
interface Change {
  readonly what: string;
  readonly minor: number;
  readonly merged: { readonly year: number; readonly month: number };
}

const AUDIT: Change = { what: 'the policy "audit"', minor: 16, merged: { year: 24, month: 7 } };
const ORDER: Change = { what: 'the order of Servers by age', minor: 18, merged: { year: 25, month: 2 } };

/** Whether the policy controller knows `audit` and `accessPolicy`. Source: linkerd2 pull request 12846, release 2.16. */
export function knowsAudit(version: Fact<string>): Fact<boolean> {
  return hasChange(version, AUDIT);
}

/** Whether the oldest of several Servers on a port wins. Source: linkerd2 pull request 13676, release 2.18. */
export function ordersServers(version: Fact<string>): Fact<boolean> {
  return hasChange(version, ORDER);
}

/** Versions are `2.18.1`, `stable-2.14.10`, `enterprise-2.17.0`, `edge-25.3.1`; several stand in one text. */
function hasChange(version: Fact<string>, change: Change): Fact<boolean> {
  if (!version.known) return version;
  const answers = version.value.split(',').map((one) => inOne(one.trim(), change));
  const [first, ...others] = answers;
  if (first !== undefined && others.every((answer) => answer === first)) return known(first);
  return unknown(`whether Linkerd ${version.value} has ${change.what} is not known`);
}

function inOne(version: string, { minor, merged }: Change): boolean | undefined {
  const edge = /^edge-(\d+)\.(\d+)\.\d+/.exec(version);
  if (edge !== null) {
    const months = (Number(edge[1]) - merged.year) * 12 + Number(edge[2]) - merged.month;
    return months === 0 ? undefined : months > 0;
  }
  const release = /^(?:stable-|enterprise-|preview-|v)?2\.(\d+)(?:\.|$)/.exec(version);
  return release === null ? undefined : Number(release[1]) >= minor;
}
