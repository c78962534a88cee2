import { z } from 'zod';
import type { CallDrawing, DrawnEdge } from '../../domain/inventory/call-drawing.ts';
import type { DrawnNode } from '../../domain/inventory/drawn-nodes.ts';
import { evidenceKind } from '../parts/call.ts';
import { verdict } from '../parts/fate.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { count, port, time } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const node = describing<DrawnNode>()(
  z
    .object({
      id: z.string(),
      kind: z
        .enum(['workload', 'service', 'namespace', 'outsider', 'external'])
        .describe('service: a Service that no workload answers'),
      namespace: z.exactOptional(z.string()),
      label: z.string(),
      note: z.exactOptional(z.string().describe('its state in the meshes, or why nobody answers')),
    })
    .meta({ id: 'DrawnNode', description: 'One end of calls.' }),
);

const edge = describing<DrawnEdge>()(
  z
    .object({
      from: z.string().describe('id of a node'),
      to: z.string().describe('id of a node'),
      calls: count,
      evidence: evidenceKind,
      ports: z.array(port),
      protocols: z.array(z.string()),
      wire: z.array(z.string()).describe('what is on the wire, over all pods that call, each once'),
      verdict: verdict.describe('the worst of the calls'),
      lastSeen: z.exactOptional(time),
    })
    .meta({ id: 'DrawnEdge', description: 'The calls between two nodes.' }),
);

/** The result of `graph`. */
export const callDrawing = describing<HeadOf<'CallDrawing'> & CallDrawing>()(
  z.object({
    ...headOf('CallDrawing'),
    cluster: z.string(),
    by: z.enum(['workload', 'namespace']),
    nodes: z.array(node),
    edges: z.array(edge),
    leftOut: z.object({
      probes: count.describe('calls of kubelets'),
      quietWorkloads: count.describe('workloads with no call that is drawn'),
    }),
  }),
);
