import { z } from 'zod';
import type { Inventory } from '../../domain/inventory/inventory.ts';
import type { NamespaceRow } from '../../domain/inventory/namespace-row.ts';
import type { InventorySummary } from '../../domain/inventory/summary.ts';
import { callCoverage } from '../parts/call-coverage.ts';
import { call } from '../parts/call.ts';
import { factOf } from '../parts/fact.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { detection } from '../parts/mesh.ts';
import { platform } from '../parts/platform.ts';
import { count, textMap } from '../parts/words.ts';
import { enrolmentState, mtlsMode, serviceRow, workloadRow } from '../parts/workload-row.ts';
import { describing } from '../same-type.ts';

const namespaceRow = describing<NamespaceRow>()(
  z.object({
    name: z.string(),
    labels: textMap,
    enrolment: z
      .string()
      .describe('what its labels and annotations ask of the meshes; none where they ask nothing, unknown where unread'),
    workloads: count,
  }),
);

const summary = describing<InventorySummary>()(
  z
    .object({
      workloads: count.describe('those that are shown'),
      ofWorkloads: count.describe('those of the world'),
      pods: count,
      podsUnknown: count.describe('workloads whose pods were not read'),
      states: z.partialRecord(enrolmentState, count),
      meshes: z
        .record(z.string(), count)
        .describe('workloads by the mesh of their pods, of the next ones for those that are joining'),
      ports: z.partialRecord(mtlsMode, count).describe('container ports by mode'),
      authorization: z.record(z.string(), count).describe('workloads with a proxy by what no policy names'),
      unknown: z.array(
        z.object({
          about: z.enum(['enrolment', 'next-pods', 'mtls', 'authorization']),
          reason: z.string(),
          workloads: count,
          example: z.string(),
        }),
      ),
    })
    .meta({ id: 'InventorySummary', description: 'The workloads that are shown, in numbers.' }),
);

/** The result of `inventory`. */
export const inventory = describing<HeadOf<'Inventory'> & Inventory>()(
  z.object({
    ...headOf('Inventory'),
    cluster: z.object({ name: z.string(), kubernetesVersion: factOf(z.string()), platform }),
    summary,
    meshes: z.array(detection),
    namespaces: z.array(namespaceRow),
    workloads: z.array(workloadRow),
    services: z.array(serviceRow),
    calls: z.array(call),
    callCoverage,
  }),
);
