import type { World } from '../world/world.ts';
import type { CallEvidence, CallRow, CallsFile } from './call.ts';
import { joinFound, stateCall, type FoundCalls, type UnresolvedCall } from './found-calls.ts';
import { observedClient } from './observed-client.ts';
import { observedTarget } from './observed-service.ts';

/** The calls that calls files saw. Rows whose client or service cannot be told are named in `unresolved`. */
export function observedCalls(world: World, files: readonly CallsFile[]): FoundCalls {
  return joinFound(files.flatMap((file) => file.rows).map((row) => fromRow(world, row)));
}

function fromRow(world: World, row: CallRow): FoundCalls {
  const client = observedClient(world, row);
  const target = observedTarget(world, row, client.namespace ?? row.clientNamespace);
  const reasons = [client.reason, target.reason].filter((reason) => reason !== undefined);
  const unresolved: readonly UnresolvedCall[] = reasons.map((reason) => ({ source: row.source, reason }));
  const isKubelet = client.from.kind === 'outsider' && client.from.who === 'kubelet';
  const calls = target.targets.map((to) =>
    stateCall({
      from: client.from,
      to,
      phase: isKubelet ? 'probe' : 'run',
      protocol: row.protocol?.toLowerCase(),
      request: requestOf(row),
      evidence: evidenceOf(row, target.remark),
    }),
  );
  return { calls, unresolved };
}

function requestOf({ method, path }: CallRow): { method?: string; path?: string } | undefined {
  if (method === undefined && path === undefined) return undefined;
  return { ...(method === undefined ? {} : { method: method.toUpperCase() }), ...(path === undefined ? {} : { path }) };
}

function evidenceOf(row: CallRow, remark: string | undefined): CallEvidence {
  const asked = `${row.client} called ${row.service}:${String(row.port)}`;
  return {
    kind: 'observed',
    source: row.source,
    detail: remark === undefined ? asked : `${asked}; ${remark}`,
    ...(row.count === undefined ? {} : { count: row.count }),
    ...(row.firstSeen === undefined ? {} : { firstSeen: row.firstSeen }),
    ...(row.lastSeen === undefined ? {} : { lastSeen: row.lastSeen }),
  };
}
