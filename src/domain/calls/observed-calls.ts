import type { World } from '../world/world.ts';
import type { CallEvidence, CallsFile, SeenCall } from './call.ts';
import { joinFound, stateCall, type FoundCalls, type UnresolvedCall } from './found-calls.ts';
import { observedClient } from './observed-client.ts';
import { observedServer, type SeenTarget } from './observed-server.ts';

/** The calls that calls files saw. Rows whose client or service cannot be told are named in `unresolved`. */
export function observedCalls(world: World, files: readonly CallsFile[]): FoundCalls {
  return joinFound(files.flatMap((file) => file.rows).map((row) => fromRow(world, row)));
}

function fromRow(world: World, row: SeenCall): FoundCalls {
  if (row.count === 0 && (row.denied ?? row.lastSeen ?? row.firstSeen) === undefined) {
    return { calls: [], unresolved: [{ source: row.source, reason: 'the row counts no call' }] };
  }
  const client = observedClient(world, row);
  const target = observedServer(world, row, client.namespace ?? row.clientNamespace);
  const reasons = [client.reason, target.reason].filter((reason) => reason !== undefined);
  const unresolved: readonly UnresolvedCall[] = reasons.map((reason) => ({ source: row.source, reason }));
  const evidence = evidenceOf(row, target, [client.remark, target.remark]);
  const calls = client.from.flatMap((from) =>
    target.targets.map((to) =>
      stateCall({
        from,
        to,
        phase: from.kind === 'outsider' && from.who === 'kubelet' ? 'probe' : 'run',
        protocol: row.protocol?.toLowerCase(),
        request: requestOf(row),
        evidence,
      }),
    ),
  );
  return { calls, unresolved };
}

function requestOf({ method, path }: SeenCall): { method?: string; path?: string } | undefined {
  if (method === undefined && path === undefined) return undefined;
  return { ...(method === undefined ? {} : { method: method.toUpperCase() }), ...(path === undefined ? {} : { path }) };
}

/** Of a call whose port nobody can tell, no port was seen to be called: each of those it may be is only probable. */
function evidenceOf(row: SeenCall, target: SeenTarget, remarks: readonly (string | undefined)[]): CallEvidence {
  const { count, firstSeen, lastSeen, wire, denied, seesUnmeshed } = row;
  const asked = [`${row.client} called ${calledName(row)}`, ...remarks.filter((remark) => remark !== undefined)];
  return {
    kind: target.isGuess === true ? 'inferred' : 'observed',
    source: row.source,
    detail: asked.join('; '),
    ...(count === undefined ? {} : { count }),
    ...(firstSeen === undefined ? {} : { firstSeen }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(wire === undefined ? {} : { wire }),
    ...(denied === undefined ? {} : { denied }),
    ...(seesUnmeshed === undefined ? {} : { seesUnmeshed }),
  };
}

function calledName({ service, server, port, targetPort }: SeenCall): string {
  const number = port ?? targetPort;
  return `${service ?? server ?? 'somebody'}${number === undefined ? '' : `:${String(number)}`}`;
}
