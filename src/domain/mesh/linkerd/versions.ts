import { unknown, known, type Fact } from '../../world/fact.ts';

/** A release: `2.MINOR`, or the month of an edge release counted from January 2000. */
interface Release {
  readonly minor?: number;
  readonly month?: number;
}

/** What these rules were checked for: sources of August 2026 (edge-26.8, after 2.20), notes since 2.14 (August 2023). */
const CHECKED = { oldest: 14, newest: 20, first: monthOf(23, 8), last: monthOf(26, 8) } as const;
/** Since when `appProtocol` is read: release 2.18, edge-25.4.4, prepared in edge-25.2. */
const APP_PROTOCOL = { minor: 18, before: monthOf(25, 2), since: monthOf(25, 5) } as const;

/** Why a version may follow other rules than these; undefined where it is within what was checked, or is no version. */
export function versionDoubt(version: Fact<string>): string | undefined {
  if (!version.known) return undefined;
  const odd = version.value.split(',').find((one) => !isChecked(releaseOf(one.trim())));
  if (odd === undefined) return undefined;
  return `the control plane runs Linkerd ${odd.trim()}, and the rules were checked for 2.14 to 2.20 (edge-26.8)`;
}

/** Whether meshed clients of this version read `appProtocol`. Source: linkerd2 pull request 13659, release 2.18. */
export function readsAppProtocol(version: Fact<string>): Fact<boolean> {
  if (!version.known) return version;
  const { minor, month } = releaseOf(version.value);
  if (minor !== undefined) return known(minor >= APP_PROTOCOL.minor);
  if (month !== undefined && month < APP_PROTOCOL.before) return known(false);
  if (month !== undefined && month >= APP_PROTOCOL.since) return known(true);
  return unknown(`whether Linkerd ${version.value} reads appProtocol is not known`);
}

/**
 * Whether meshed clients of this version send all mutual TLS to port 4143 of the server's proxy: release 2.18.
 * Source: https://github.com/linkerd/linkerd2/issues/15246.
 */
export function sendsToInboundPort(version: Fact<string>): Fact<boolean> {
  if (!version.known) return version;
  const since = readsAppProtocol(version);
  // Of several versions at once nobody knows which of them the proxies have.
  if (since.known && !version.value.includes(',')) return since;
  return unknown(`whether Linkerd ${version.value} sends to port 4143 is not known`);
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
