import { z } from 'zod';
import type { Detection } from '../../domain/mesh/mesh.ts';
import type { SupportStatus } from '../../domain/mesh/support-status.ts';
import { describing } from '../same-type.ts';
import { factOf } from './fact.ts';
import { evidence } from './references.ts';

const MESH_IDS = [
  'istio',
  'linkerd',
  'consul',
  'cilium',
  'app-mesh',
  'kuma',
  'osm',
  'traefik-mesh',
  'nginx-service-mesh',
  'cloud-service-mesh',
  'vpc-lattice',
  'smi',
] as const;

/** The meshes that are recognised, and `contested` for several that claim the same pods. */
export const meshId = z.enum(['contested', ...MESH_IDS]);

const support = describing<SupportStatus>()(
  z
    .object({
      status: z
        .enum(['maintained', 'deprecated', 'archived', 'ended'])
        .describe('archived: nobody changes it any more; ended: the service behind it is switched off'),
      since: z.exactOptional(z.string().describe('the day since when')),
      note: z.string(),
      source: z.string(),
      asOf: z.string().describe('the day on which the source was read'),
    })
    .meta({ id: 'SupportStatus', description: 'Whether somebody still maintains a mesh.' }),
);

/** Whether a mesh is here, and in what state. */
export const detection = describing<Detection>()(
  z
    .object({
      mesh: z.enum(MESH_IDS),
      state: z.enum(['absent', 'remnant', 'installed-unused', 'active', 'orphaned', 'external', 'unknown']),
      version: factOf(z.string()),
      revisions: z.array(z.string()),
      evidence: z.array(evidence),
      support: z.exactOptional(support),
      details: z.exactOptional(z.record(z.string(), factOf(z.string()))),
    })
    .meta({ id: 'Detection', description: 'Whether a mesh is here, and in what state.' }),
);
