import type { Call } from '../domain/calls/call.ts';
import { drawCalls, type CallDrawing, type DrawingRequest } from '../domain/inventory/call-drawing.ts';
import { fateOf } from '../domain/simulate/fate-of.ts';
import type { CallOutcome } from '../domain/inventory/workload-story.ts';
import type { ResultHead } from '../domain/world/result-head.ts';
import { refuseUnknownNamespaces } from './known-namespaces.ts';
import type { OpenedWorld } from './open-world.ts';

/** Above this many nodes or edges a drawing of workloads is a tangle, and one of namespaces is easier to read. */
const MOST_NODES = 60;
const MOST_EDGES = 120;

/** The calls that begin or end in the scope, with what becomes of each in the world as it is. */
export function drawGraph(
  { world, graph, headFor }: OpenedWorld,
  request: Omit<DrawingRequest, 'outcomeOf'>,
): ResultHead & CallDrawing {
  refuseUnknownNamespaces(world, request.scope.namespaces);
  const outcomeOf = (call: Call): CallOutcome => {
    const { cohorts: _cohorts, ...outcome } = fateOf(call, world);
    return outcome;
  };
  return { ...headFor('CallDrawing'), ...drawCalls(world, graph, { ...request, outcomeOf }) };
}

/** Whether the drawing is too big to be read as a picture. */
export function isTangle({ by, nodes, edges }: CallDrawing): boolean {
  return by === 'workload' && (nodes.length > MOST_NODES || edges.length > MOST_EDGES);
}
