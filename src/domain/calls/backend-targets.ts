import { asNumber, asText } from '../../lib/json.ts';
import type { World } from '../world/world.ts';
import type { CallEvidence, CallSource } from './call.ts';
import { findService, missingService, transportOf } from './find-services.ts';
import { foundCalls, foundNothing, stateCall, type FoundCalls } from './found-calls.ts';

/** A Service that an object sends calls to, as the object names it; the port by number, by name, or left out. */
export interface Backend {
  readonly namespace: string;
  readonly service: string;
  readonly port: unknown;
}

/** Who sends, and what says so. */
export interface BackendUse {
  readonly senders: readonly CallSource[];
  readonly evidence: CallEvidence;
  readonly protocol?: string;
}

/**
 * The calls that an object declares to a Service. A port left out means the Service's only port, and all of them where
 * it has several. What does not exist is named in `unresolved`.
 */
export function callsToBackend(world: World, backend: Backend, use: BackendUse): FoundCalls {
  const { namespace, service: name } = backend;
  const { source } = use.evidence;
  const service = findService(world, namespace, name);
  if (service === undefined) return foundNothing(source, missingService(world, namespace, name));
  const number = asNumber(backend.port);
  const portName = asText(backend.port);
  const ports = service.ports.filter((port) =>
    number !== undefined ? port.port === number : portName === undefined || port.name === portName,
  );
  if (ports.length === 0) {
    const asked = String(number ?? portName ?? 'at all');
    return foundNothing(source, `Service ${namespace}/${name} has no port ${asked}`);
  }
  return foundCalls(
    ports.flatMap((port) =>
      use.senders.map((from) =>
        stateCall({
          from,
          to: { kind: 'service-port', namespace, service: name, port: port.port },
          protocol: use.protocol ?? transportOf(port),
          evidence: use.evidence,
        }),
      ),
    ),
  );
}
