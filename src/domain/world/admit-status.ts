import type { JsonObject } from '../../lib/json.ts';
import { asObject, asObjects, asText } from '../../lib/json.ts';

/** What rules read of a status: phases, addresses, readiness, counts and versions; no messages and no field lists. */
const AS_IT_IS = new Set([
  'phase',
  'podIP',
  'podIPs',
  'hostIP',
  'startTime',
  'completionTime',
  'lastScheduleTime',
  'lastSuccessfulTime',
  'nodeInfo',
  'capacity',
  'allocatable',
  'hard',
  'used',
  'addresses',
  'loadBalancer',
  'notAfter',
  'notBefore',
  'renewalTime',
  'storedVersions',
  'canaryWeight',
  'ingress',
]);

const CONTAINERS = new Set(['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']);
const OF_CONTAINER = ['name', 'ready', 'started', 'restartCount', 'image'];
const OF_CONDITION = ['type', 'status', 'reason', 'lastTransitionTime'];

/** The part of a status that rules read, or undefined where there is none. */
export function projectStatus(value: unknown): JsonObject | undefined {
  const status = asObject(value);
  if (status === undefined) return undefined;
  const kept = Object.entries(status).flatMap(([key, field]) => {
    const projected = projectField(key, field);
    return projected === undefined ? [] : [[key, projected] as const];
  });
  return Object.fromEntries(kept);
}

function projectField(key: string, field: unknown): unknown {
  if (AS_IT_IS.has(key) || typeof field === 'number' || typeof field === 'boolean') return field;
  if (key === 'conditions') return asObjects(field).map((condition) => pick(condition, OF_CONDITION));
  if (CONTAINERS.has(key)) return asObjects(field).map((container) => pick(container, OF_CONTAINER));
  if (key === 'listeners' || key === 'parents') return asObjects(field).map(projectAttachment);
  return undefined;
}

function projectAttachment(attachment: JsonObject): JsonObject {
  const conditions = asObjects(attachment['conditions']).map((condition) => pick(condition, OF_CONDITION));
  const { name, attachedRoutes, parentRef, controllerName } = attachment;
  return pick({ name: asText(name), attachedRoutes, parentRef, controllerName, conditions }, [
    'name',
    'attachedRoutes',
    'parentRef',
    'controllerName',
    'conditions',
  ]);
}

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]));
}
