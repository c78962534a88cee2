import { z } from 'zod';
import type { Inventory, NamespaceRow } from '../../domain/inventory/inventory.ts';
import type { ServiceRow } from '../../domain/inventory/service-row.ts';
import type { CohortRow, PortRow, WorkloadRow } from '../../domain/inventory/workload-row.ts';
import type { Detection, Enrolment } from '../../domain/mesh/mesh.ts';
import type { Platform } from '../../domain/world/platform.ts';
import { callCoverage } from '../parts/call-coverage.ts';
import { call } from '../parts/call.ts';
import { factOf } from '../parts/fact.ts';
import { headOf, type HeadOf } from '../parts/head.ts';
import { evidence, objectRef, workloadRef } from '../parts/references.ts';
import { count, port, textMap } from '../parts/words.ts';
import { describing } from '../same-type.ts';

const platform = describing<Platform>()(
  z.object({
    nodes: factOf(count),
    kubeletVersions: factOf(z.array(z.string())),
    provider: factOf(z.string()),
    cni: factOf(z.string()),
    allocatable: factOf(z.object({ cpuMillicores: z.number(), memoryBytes: z.number() })),
  }),
);

const detection = describing<Detection>()(
  z
    .object({
      mesh: z.enum(['istio', 'linkerd', 'consul', 'cilium', 'app-mesh', 'kuma', 'osm']),
      state: z.enum(['absent', 'remnant', 'installed-unused', 'active', 'orphaned', 'external', 'unknown']),
      version: factOf(z.string()),
      revisions: z.array(z.string()),
      evidence: z.array(evidence),
    })
    .meta({ id: 'Detection', description: 'Whether a mesh is here, and in what state.' }),
);

const namespaceRow = describing<NamespaceRow>()(
  z.object({
    name: z.string(),
    labels: textMap,
    enrolment: z.string().describe('what the labels of the namespace ask of the meshes; none where they ask nothing'),
    workloads: count,
  }),
);

const cohortRow = describing<CohortRow>()(
  z
    .object({
      id: z.string(),
      pods: count,
      ready: count,
      mesh: z.string(),
      mode: z.enum(['sidecar', 'ambient', 'gateway', 'proxyless', 'none', 'unknown']),
      captured: factOf(z.boolean()).describe('whether the proxy takes the traffic of the pods'),
      version: z.exactOptional(z.string()),
      revision: z.exactOptional(z.string()),
      reason: z.string(),
    })
    .meta({ id: 'CohortRow', description: 'Pods of one workload that no mesh can tell apart.' }),
);

const enrolment = describing<Enrolment>()(
  z
    .object({
      decision: z.enum(['inject', 'skip', 'ambient', 'unknown']),
      reason: z.string(),
      revision: z.exactOptional(z.string()),
      evidence: z.array(evidence),
    })
    .meta({ id: 'Enrolment', description: 'Whether a mesh would take pods that are created now.' }),
);

const mtlsMode = z
  .enum(['strict', 'permissive', 'disabled', 'none', 'unknown'])
  .meta({ id: 'MtlsMode', description: 'none: no proxy is in force, whatever a policy says' });

const portRow = describing<PortRow>()(
  z.object({
    mode: mtlsMode,
    declared: z.string().describe('the word of the mesh itself, as STRICT'),
    source: z.array(evidence),
  }),
);

const workloadRow = describing<WorkloadRow>()(
  z
    .object({
      namespace: z.string(),
      kind: z.string(),
      name: z.string(),
      serviceAccount: z.string(),
      pods: factOf(count),
      managedBy: z.exactOptional(z.string()),
      state: z.enum(['enrolled', 'partial', 'leaving', 'joining', 'uncaptured', 'none', 'unknown']),
      dataPlane: z.object({
        cohorts: z.array(cohortRow),
        next: cohortRow.describe('what the template would create now'),
      }),
      enrolment: z.record(z.string(), enrolment).describe('by mesh'),
      mtls: z.object({
        mode: mtlsMode.describe('the weakest of the ports'),
        ports: z.record(z.string(), portRow).describe('by container port'),
      }),
      authorization: z.object({ default: z.string(), policies: z.array(objectRef) }),
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

const serviceRow = describing<ServiceRow>()(
  z.object({
    namespace: z.string(),
    name: z.string(),
    type: z.string(),
    headless: z.boolean(),
    ports: z.array(servicePort),
    workloads: z.array(workloadRef),
  }),
);

/** The result of `inventory`. */
export const inventory = describing<HeadOf<'Inventory'> & Inventory>()(
  z.object({
    ...headOf('Inventory'),
    cluster: z.object({ name: z.string(), kubernetesVersion: factOf(z.string()), platform }),
    meshes: z.array(detection),
    namespaces: z.array(namespaceRow),
    workloads: z.array(workloadRow),
    services: z.array(serviceRow),
    calls: z.array(call),
    callCoverage,
  }),
);
