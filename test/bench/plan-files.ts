import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSnapshot } from '../../src/adapters/files/write-snapshot.ts';
import { parseYaml } from '../../src/adapters/yaml/read.ts';
import { KIND } from '../../src/domain/kubernetes/kinds.ts';
import { kindOf, type KubeObject } from '../../src/domain/kubernetes/object.ts';
import { admit } from '../../src/domain/world/admit.ts';
import { known } from '../../src/domain/world/fact.ts';
import { listedPods } from '../../src/domain/world/listed-pods.ts';
import { demoControlPlane } from './demo-control-plane.ts';
import {
  applicationName,
  namespaceName,
  namespaceOf,
  syntheticCluster,
  type ClusterSize,
} from './synthetic-cluster.ts';

/** The files that a plan is made from, and how much there is in them. */
export interface PlanFiles {
  readonly snapshot: string;
  readonly calls: string;
  readonly callCount: number;
}

const TAKEN = '2026-11-16T00:00:00Z';
const WINDOW = '# window: 2026-11-09T00:00:00Z/2026-11-16T00:00:00Z\n# sees-unmeshed: true\n';
const HEADER = 'clientNamespace,clientKind,client,serviceNamespace,service,port,protocol,method,path,count\n';

/**
 * Writes a cluster of the size in which nothing is meshed, with Istio's control plane beside it, and the calls that were
 * watched there: each application calls as many others, most of them of its own namespace, the rest of the next ones.
 */
export async function writePlanFiles(folder: string, size: ClusterSize, callsEach: number): Promise<PlanFiles> {
  const objects = clusterObjects(size);
  const counts = new Map<string, number>();
  for (const object of objects) counts.set(kindOf(object), (counts.get(kindOf(object)) ?? 0) + 1);
  const snapshot = join(folder, 'cluster.jsonl');
  await writeSnapshot(snapshot, {
    basis: 'snapshot',
    entries: Object.values(KIND).map((kind) => ({ kind, state: 'read', objects: counts.get(kind) ?? 0 })),
    cluster: 'bench',
    asOf: known(TAKEN),
    kubernetesVersion: known('v1.34.2'),
    objects,
    writtenBy: 'bench',
  });
  const calls = join(folder, 'calls.csv');
  const rows = callRows(size, callsEach);
  writeFileSync(calls, `${WINDOW}${HEADER}${rows.join('\n')}\n`);
  return { snapshot, calls, callCount: rows.length };
}

function clusterObjects(size: ClusterSize): readonly KubeObject[] {
  const pods = listedPods();
  const { webhooks, configMaps, deployments, namespaces } = demoControlPlane();
  const objects = [...webhooks, ...configMaps, ...deployments, ...namespaces].map(admitted);
  for (const { apiVersion, kind, count, objectAt } of syntheticCluster({ ...size, policies: 0, meshed: false })) {
    if (kind === 'PeerAuthentication') continue;
    for (let index = 0; index < count; index += 1) {
      const raw = { apiVersion, kind, ...objectAt(index) };
      if (kind === 'Pod') pods.add(raw, admitted);
      else objects.push(admitted(raw));
    }
  }
  return [...objects, ...pods.folded()].filter((object) => object !== undefined);
}

function admitted(raw: Readonly<Record<string, unknown>>): KubeObject | undefined {
  const result = admit(raw, { from: 'read' }, parseYaml);
  return 'object' in result ? result.object : undefined;
}

function callRows(size: ClusterSize, callsEach: number): readonly string[] {
  const { services, namespaces } = size;
  const rows: string[] = [];
  for (let client = 0; client < services; client += 1) {
    for (let which = 1; which <= callsEach; which += 1) {
      const isNear = which < callsEach;
      const server = (client + (isNear ? namespaces * which : which)) % services;
      if (server === client) continue;
      const [from, to] = [client, server].map((each) => [
        namespaceName(namespaceOf(each, size)),
        applicationName(each),
      ]);
      const [fromNamespace = '', fromName = ''] = from ?? [];
      const [toNamespace = '', toName = ''] = to ?? [];
      rows.push(
        `${fromNamespace},Deployment,${fromName},${toNamespace},${toName},80,http,GET,/orders/${String(which)},${String(100 + client)}`,
      );
    }
  }
  return rows;
}
