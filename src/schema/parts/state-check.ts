import { z } from 'zod';
import type { StateCheck } from '../../domain/rollout/state-check.ts';
import { describing } from '../same-type.ts';
import { meshId } from './mesh.ts';
import { objectRef, workloadRef } from './references.ts';
import { mtlsMode } from './workload-row.ts';
import { count, port } from './words.ts';

const checkStage = z.enum(['install', 'inject', 'permissive', 'strict', 'authz', 'day2']);

const dataPlaneMode = z.enum(['sidecar', 'ambient', 'gateway', 'proxyless', 'none', 'unknown']);

/** What a world answers by itself of a gate's condition. */
export const stateCheck = describing<StateCheck>()(
  z
    .discriminatedUnion('check', [
      z.object({
        check: z.literal('enrolled'),
        mesh: meshId,
        mode: dataPlaneMode,
        workloads: z.array(workloadRef),
      }),
      z.object({ check: z.literal('available'), objects: z.array(objectRef), atLeast: z.exactOptional(count) }),
      z.object({ check: z.literal('served'), kinds: z.array(z.string()) }),
      z.object({ check: z.literal('port-mode'), workload: workloadRef, ports: z.array(port), mode: mtlsMode }),
      z.object({ check: z.literal('holds'), object: objectRef, fields: z.record(z.string(), z.unknown()) }),
      z.object({ check: z.literal('absent'), object: objectRef }),
      z.object({ check: z.literal('no-blocker'), stage: checkStage, namespaces: z.array(z.string()) }),
      z.object({ check: z.literal('unused-revision'), revision: z.string() }),
    ])
    .meta({ id: 'StateCheck', description: 'What a world answers by itself.' }),
);
