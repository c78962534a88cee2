import { isDeepStrictEqual } from 'node:util';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { asList, asObject, asText, at } from '../../src/lib/json.ts';
import { compareText } from '../../src/lib/order.ts';
import { run as runDecision } from './decision.ts';
import { run as runAuthz } from './istio/authz.ts';
import { run as runInterplay } from './istio/destinationrule-interplay.ts';
import { run as runInjection } from './istio/injection.ts';
import { run as runPeers } from './istio/peer.ts';
import { run as runPeerAuthentication } from './istio/peerauth.ts';
import { run as runProtocol } from './istio/protocol.ts';
import { run as runLinkerdAuthz } from './linkerd/authz.ts';
import { run as runDefaultPolicy } from './linkerd/default-policy.ts';
import { run as runLinkerdInjection } from './linkerd/injection.ts';
import { run as runLinkerdOpaquePorts } from './linkerd/opaque-ports.ts';
import { run as runLinkerdProtocol } from './linkerd/protocol.ts';

/** A case that did not come out as it should. */
export interface Failure {
  readonly id: string;
  readonly topic: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

export interface GroupResult {
  /** `istio/authz`. */
  readonly group: string;
  /** Whether a failure here fails the run. */
  readonly gates: boolean;
  readonly passed: number;
  readonly failures: readonly Failure[];
}

type Run = (input: unknown, topic: string) => unknown;

const RUNNERS: Readonly<Record<string, Run>> = {
  'istio/injection': runInjection,
  'istio/peerauth': runPeerAuthentication,
  'istio/destinationrule-interplay': runInterplay,
  'istio/authz': runAuthz,
  'istio/protocol': runProtocol,
  'istio/peer': runPeers,
  'linkerd/authz': runLinkerdAuthz,
  'linkerd/default-policy': runDefaultPolicy,
  'linkerd/injection': runLinkerdInjection,
  'linkerd/opaque-ports': runLinkerdOpaquePorts,
  'linkerd/protocol': runLinkerdProtocol,
};

const LINKERD_GROUPS: readonly string[] = ['default-policy', 'opaque-ports'];

/** Runs every case of the JSON files in a folder, by group; a file that is no JSON is a failed case of its own. */
export function runCases(folder: string): readonly GroupResult[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  const groups = new Map<string, { passed: number; failures: Failure[] }>();
  for (const file of files.sort(compareText)) {
    for (const { group, id, topic, check } of casesIn(join(folder, file))) {
      const result = groups.get(group) ?? { passed: 0, failures: [] };
      groups.set(group, result);
      const failure = attempt(check);
      if (failure === undefined) result.passed += 1;
      else result.failures.push({ id, topic, ...failure });
    }
  }
  return [...groups]
    .map(([group, result]) => ({ group, gates: gates(group), ...result }))
    .sort((left, right) => compareText(left.group, right.group));
}

/** The groups of both meshes gate. */
function gates(group: string): boolean {
  return /^(istio|linkerd)\//.test(group);
}

interface Checkable {
  readonly group: string;
  readonly id: string;
  readonly topic: string;
  readonly check: () => Outcome | undefined;
}

interface Outcome {
  readonly expected: unknown;
  readonly actual: unknown;
}

function casesIn(file: string): readonly Checkable[] {
  const name = basename(file, '.json');
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const failed = { expected: 'JSON', actual: error instanceof Error ? error.message : 'not readable' };
    return [{ group: name, id: name, topic: 'file', check: () => failed }];
  }
  const cases = at(content, 'cases');
  if (!Array.isArray(cases)) {
    const failed = { expected: 'a list of cases', actual: 'none' };
    return [{ group: name, id: name, topic: 'file', check: () => failed }];
  }
  return cases.map((raw, index) => checkable(name, raw, index));
}

function checkable(file: string, raw: unknown, index: number): Checkable {
  const id = asText(at(raw, 'id')) ?? `${file}[${String(index)}]`;
  const topic = asText(at(raw, 'topic')) ?? '';
  const own = asText(at(raw, 'group')) ?? '';
  if (own === 'decision' || (own === '' && asObject(at(raw, 'coding')) !== undefined)) {
    return { group: 'decision', id, topic: 'adoption', check: () => checkDecision(raw) };
  }
  const group = `${meshOf(file, own, raw)}/${own === '' ? 'no-group' : own}`;
  return { group, id, topic, check: () => checkCase(group, raw, topic) };
}

/** A file may have any name: whose cases it holds then shows in their form. */
function meshOf(file: string, group: string, raw: unknown): string {
  const named = ['istio', 'linkerd'].find((mesh) => file.toLowerCase().includes(mesh));
  if (named !== undefined) return named;
  if (LINKERD_GROUPS.includes(group) || at(raw, 'basis') !== undefined) return 'linkerd';
  return at(raw, 'topic') === undefined ? 'unknown' : 'istio';
}

function checkCase(group: string, raw: unknown, topic: string): Outcome | undefined {
  const expected = at(raw, 'expect');
  const run = Object.hasOwn(RUNNERS, group) ? RUNNERS[group] : undefined;
  if (run === undefined) return { expected, actual: 'no rules for this group' };
  const actual = run(at(raw, 'input'), topic);
  if (actual === undefined || asObject(expected) === undefined) return { expected, actual: 'form not understood' };
  return matches(expected, actual) ? undefined : { expected, actual };
}

function checkDecision(raw: unknown): Outcome | undefined {
  const outcome = runDecision(raw);
  if (outcome.passed) return undefined;
  const actual = { first: outcome.first, structural: outcome.structural, reason: outcome.reason };
  return { expected: outcome.published, actual };
}

function attempt(check: () => Outcome | undefined): Outcome | undefined {
  try {
    return check();
  } catch (error) {
    return { expected: 'an answer', actual: error instanceof Error ? error.message : 'a thrown value' };
  }
}

/** Every field that the case expects must be there and equal; an answer may say more than the case asks. */
function matches(expected: unknown, actual: unknown): boolean {
  const fields = asObject(expected) ?? {};
  return (
    Object.keys(fields).length > 0 && Object.entries(fields).every(([key, value]) => equal(value, at(actual, key)))
  );
}

function equal(expected: unknown, actual: unknown): boolean {
  if (Array.isArray(expected) && Array.isArray(actual)) return isDeepStrictEqual(asList(expected), asList(actual));
  // What Linkerd calls a policy has a group, a kind and a name, of which a case may expect some.
  if (typeof at(expected, 'kind') === 'string') return matches(expected, actual);
  return isDeepStrictEqual(expected, actual);
}
