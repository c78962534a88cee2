import { formatWorkload } from '../../world/workload.ts';
import { cutsCalls } from '../../simulate/verdict.ts';
import type { Planning } from '../planning.ts';
import type { Server } from './authorization-parts.ts';

const SHOWN = 20;

/** The rules that the later stages enforce, server by server, and the known calls that they are held against, as paragraphs. */
export function replayNotes(planning: Planning, servers: readonly Server[]): readonly string[] {
  const names = new Set(servers.map(({ workload }) => formatWorkload(workload)));
  const calls = planning.index.all.filter(({ id }) =>
    (planning.index.servers.get(id) ?? []).some(({ workload }) => names.has(formatWorkload(workload))),
  );
  const broken = calls.filter(({ id }) => cutsCalls(planning.fates.get(id)?.verdict ?? 'ok'));
  return [
    `Held against the rules: ${String(calls.length)} known and probable calls to ${String(servers.length)} workloads. Each later stage is simulated with all of them, and blocked where one would be refused.`,
    ...broken.slice(0, SHOWN).map(({ id }) => `${id} breaks already, so no rule is made for it.`),
    ...servers.map(rulesOf),
  ];
}

function rulesOf({ workload, callers, foreign }: Server): string {
  const name = formatWorkload(workload);
  if (foreign.length > 0) return `${name}: left to ${foreign.join(', ')}.`;
  const rules = callers.rules.map(
    ({ principals, ports }) => `port ${ports.join(', ')} admits ${principals.join(', ')}`,
  );
  const open = callers.open.length === 0 ? [] : [`port ${callers.open.join(', ')} admits everybody`];
  const all = [...rules, ...open];
  return `${name}: ${all.length === 0 ? 'nobody is known to call it, and nobody will be admitted' : all.join('; ')}.`;
}
