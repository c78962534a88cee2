import { unknown, known, type Fact } from '../../world/fact.ts';

/** A release: `2.MINOR`, or the month of an edge release counted from January 2000. */
interface Release {
  readonly minor?: number;
  readonly month?: number;
}

/** What these rules were checked for: sources of August 2026 (edge-26.8, after 2.20), notes since 2.14 (August 2023). */
const CHECKED = { oldest: 14, newest: 20, first: monthOf(23, 8), last: monthOf(26, 8) } as const;

/** A change of Linkerd: the first release with it, and the months of the edge releases that lack and have it. */
interface Change {
  readonly what: string;
  readonly minor: number;
  /** Edge releases before this month lack it, those from `since` on have it; between them nobody knows. */
  readonly before: number;
  readonly since: number;
}

/** Prepared in edge-25.2, complete in edge-25.4.4. */
const APP_PROTOCOL: Change = { what: 'reads appProtocol', minor: 18, before: monthOf(25, 2), since: monthOf(25, 5) };
const INBOUND_PORT: Change = { ...APP_PROTOCOL, what: 'sends to port 4143' };
const AUDIT: Change = { what: 'has the policy "audit"', minor: 16, before: monthOf(24, 7), since: monthOf(24, 8) };
const ORDER: Change = { what: 'orders Servers by age', minor: 18, before: monthOf(25, 2), since: monthOf(25, 3) };

/** Why a version may follow other rules than these; undefined where it is within what was checked, or is no version. */
export function versionDoubt(version: Fact<string>): string | undefined {
  if (!version.known) return undefined;
  const odd = version.value.split(',').find((one) => !isChecked(releaseOf(one.trim())));
  if (odd === undefined) return undefined;
  return `the control plane runs Linkerd ${odd.trim()}, and the rules were checked for 2.14 to 2.20 (edge-26.8)`;
}

/** Whether meshed clients of this version read `appProtocol`. Source: linkerd2 pull request 13659, release 2.18. */
export function readsAppProtocol(version: Fact<string>): Fact<boolean> {
  return hasChange(version, APP_PROTOCOL);
}

/**
 * Whether meshed clients of this version send all mutual TLS to port 4143 of the server's proxy: release 2.18.
 * Source: https://github.com/linkerd/linkerd2/issues/15246.
 */
export function sendsToInboundPort(version: Fact<string>): Fact<boolean> {
  return hasChange(version, INBOUND_PORT);
}

/** Whether the policy controller knows `audit` and `accessPolicy`. Source: linkerd2 pull request 12846, release 2.16. */
export function knowsAudit(version: Fact<string>): Fact<boolean> {
  return hasChange(version, AUDIT);
}

/** Whether the oldest of several Servers on a port wins. Source: linkerd2 pull request 13676, release 2.18. */
export function ordersServers(version: Fact<string>): Fact<boolean> {
  return hasChange(version, ORDER);
}

/** Several versions stand in one text; where they do not agree nobody knows which of them the proxies have. */
function hasChange(version: Fact<string>, change: Change): Fact<boolean> {
  if (!version.known) return version;
  const answers = version.value.split(',').map((one) => inRelease(releaseOf(one.trim()), change));
  const [first, ...others] = answers;
  if (first !== undefined && others.every((answer) => answer === first)) return known(first);
  return unknown(`whether Linkerd ${version.value} ${change.what} is not known`);
}

function inRelease({ minor, month }: Release, change: Change): boolean | undefined {
  if (minor !== undefined) return minor >= change.minor;
  if (month === undefined || (month >= change.before && month < change.since)) return undefined;
  return month >= change.since;
}

function isChecked({ minor, month }: Release): boolean {
  if (minor !== undefined) return minor >= CHECKED.oldest && minor <= CHECKED.newest;
  return month === undefined || (month >= CHECKED.first && month <= CHECKED.last);
}

/** `edge-26.8.3`, `stable-2.14.10`, `enterprise-2.17.0`, `2.18.1`; neither part for any other text. */
function releaseOf(version: string): Release {
  const [, year, month] = /^edge-(\d{1,4})\.(\d{1,2})\.\d+/.exec(version) ?? [];
  if (year !== undefined) return { month: monthOf(Number(year), Number(month)) };
  const [, minor] = /^(?:stable-|enterprise-|preview-|v)?2\.(\d{1,4})(?:\.|-|$)/.exec(version) ?? [];
  return minor === undefined ? {} : { minor: Number(minor) };
}

function monthOf(year: number, month: number): number {
  return year * 12 + month;
}
