import { z } from 'zod';
import type { CohortRow } from '../../domain/inventory/cohort-row.ts';
import { ENROLMENT_STATES } from '../../domain/inventory/enrolment-state.ts';
import type { PortModeRow, PortRow } from '../../domain/inventory/port-rows.ts';
import type { ServiceRow } from '../../domain/inventory/service-row.ts';
import type { WorkloadRow } from '../../domain/inventory/workload-row.ts';
import type { Enrolment } from '../../domain/mesh/mesh.ts';
import { describing } from '../same-type.ts';
import { factOf } from './fact.ts';
import { meshId } from './mesh.ts';
import { evidence, objectRef, workloadRef } from './references.ts';
import { count, port } from './words.ts';

const DATA_PLANE_MODES = ['sidecar', 'ambient', 'gateway', 'proxyless', 'none', 'unknown'] as const;

const cohortRow = describing<CohortRow>()(
  z
    .object({
      id: z.string(),
      pods: count,
      ready: count,
      mesh: z.string(),
      mode: z.enum(DATA_PLANE_MODES),
      captured: factOf(z.boolean()).describe('whether the proxy takes the traffic of the pods'),
      version: z.exactOptional(z.string()),
      revision: z.exactOptional(z.string()),
      reason: z.string(),
      claimedBy: z.exactOptional(z.array(meshId).describe('the meshes that claim these pods, where several do')),
    })
    .meta({ id: 'CohortRow', description: 'Pods of one workload that no mesh can tell apart.' }),
);

const enrolment = describing<Enrolment>()(
  z
    .object({
      decision: z.enum(['inject', 'skip', 'ambient', 'unknown']),
      reason: z.string(),
      reasons: z.exactOptional(
        z.array(z.string()).describe('all that the injector has against the pods, in its own words, where it has any'),
      ),
      revision: z.exactOptional(z.string()),
      evidence: z.array(evidence),
    })
    .meta({ id: 'Enrolment', description: 'Whether a mesh would take pods that are created now.' }),
);

/** What a server demands of those who call a port. */
export const mtlsMode = z
  .enum(['strict', 'permissive', 'disabled', 'none', 'unknown'])
  .meta({ id: 'MtlsMode', description: 'none: no proxy is in force, whatever a policy says' });

/** Where a workload stands. */
export const enrolmentState = z.enum(ENROLMENT_STATES).meta({
  id: 'EnrolmentState',
  description:
    'stale: the live proxies are not what the next pods get; leaving: the next pods will not be in the mesh; joining: ' +
    'only the next will be; next-unknown: all is known of the live pods, and of the next it is not; uncaptured: they look meshed, and the proxy takes no traffic; contested: two meshes claim them',
});

const portMode = {
  mode: mtlsMode,
  declared: z.string().describe('the word of the mesh itself, as STRICT'),
  source: z.array(evidence),
};

const portModeRow = describing<PortModeRow>()(z.object(portMode));

const portRow = describing<PortRow>()(
  z.object({
    port: port.describe('container port'),
    name: z.exactOptional(z.string()),
    protocols: z.array(z.string()).describe('what Services declare that it speaks'),
    services: z.array(z.string()).describe('the Services that lead to it, as cart:80'),
  }),
);

/** A workload with all that the meshes say of it. */
export const workloadRow = describing<WorkloadRow>()(
  z
    .object({
      namespace: z.string(),
      kind: z.string(),
      name: z.string(),
      serviceAccount: z.string(),
      pods: factOf(count),
      managedBy: z.exactOptional(z.string()),
      state: enrolmentState,
      stateReason: z.string(),
      dataPlane: z.object({
        mesh: z.string().describe('of the live pods, or of the next where none live; mixed where they differ'),
        mode: z.enum([...DATA_PLANE_MODES, 'mixed']),
        proxies: z.exactOptional(z.object({ ready: count, total: count }).describe('live pods in a mesh')),
        version: z.exactOptional(z.string()),
        revision: z.exactOptional(z.string()),
        cohorts: z.array(cohortRow),
        next: cohortRow.describe('what the template would create now'),
      }),
      enrolment: z.record(z.string(), enrolment).describe('by mesh, of those that are here'),
      mtls: z.object({
        ...portMode,
        mode: mtlsMode.describe('the weakest of the ports'),
        ports: z.record(z.string(), portModeRow).describe('by container port'),
      }),
      authorization: z.object({
        default: z.string(),
        policies: z.array(objectRef).describe('those that surely attach'),
        notKnown: z.exactOptional(
          z
            .object({ reason: z.string(), candidates: z.array(objectRef) })
            .describe(
              'why more policies may attach, and those of the namespace that may; absent where policies are all',
            ),
        ),
      }),
      ports: z.array(portRow),
    })
    .meta({ id: 'WorkloadRow', description: 'A workload: whether it is in a mesh and why, and who may call it.' }),
);

const servicePort = z.object({
  port,
  name: z.exactOptional(z.string()),
  protocol: z.string(),
  appProtocol: z.exactOptional(z.string()),
  targetPort: z.union([z.number(), z.string()]).describe('a number, or the name of a container port'),
  nodePort: z.exactOptional(port),
});

/** A Service with the workloads behind it. */
export const serviceRow = describing<ServiceRow>()(
  z
    .object({
      namespace: z.string(),
      name: z.string(),
      type: z.string(),
      headless: z.boolean(),
      ports: z.array(servicePort),
      workloads: z.array(workloadRef),
    })
    .meta({ id: 'ServiceRow', description: 'A Service and the workloads that its selector picks.' }),
);
