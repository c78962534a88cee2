import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { readPaths } from '../../../src/adapters/files/read-paths.ts';
import { writeSnapshot } from '../../../src/adapters/files/write-snapshot.ts';
import type { CallsFile } from '../../../src/domain/calls/call.ts';
import { hostsOf } from '../../../src/domain/world/host-tokens.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'meshwise-'));
});

const SECRET = 'hunter2';
const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: '{"a":"${SECRET}"}'
    example.com/note: ${SECRET}
    sidecar.istio.io/inject: "true"
  managedFields: [{manager: helm, fieldsV1: {"f:${SECRET}": {}}}]
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      annotations: {example.com/token: ${SECRET}, prometheus.io/port: "9090"}
    spec:
      containers:
      - name: web
        image: shop/web:1
        command: [sh, -c, "run --password ${SECRET}:123 --db postgres://u:${SECRET}@db.shop:5432/x?pw=${SECRET}"]
        args: ["--token=${SECRET}:443", "-u", "${SECRET}:80", "--cache=redis:6379"]
        env:
        - {name: API_TOKEN, value: ${SECRET}}
        - {name: PASSWORD_HOST, value: ${SECRET}}
        - {name: ORDERS_URL, value: "https://u:${SECRET}@orders.shop.svc:8443/${SECRET}?k=${SECRET}"}
        - {name: DB_HOST, value: mysql}
        - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
        livenessProbe: {exec: {command: [check, ${SECRET}]}, httpGet: {port: 80, httpHeaders: [{name: a, value: ${SECRET}}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  password: ${SECRET}
  app.properties: |
    db.password=${SECRET}:99
    orders.url=http://orders:8080/${SECRET}
---
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData: {a: ${SECRET}}
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: t}
spec: {apiKey: ${SECRET}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "trustDomain: example.org"}
`;

const CALLS: readonly CallsFile[] = [
  {
    source: 'calls.csv',
    window: { from: '2026-11-01T00:00:00Z', to: '2026-11-15T00:00:00Z' },
    seesUnmeshed: true,
    rows: [
      { source: 'calls.csv:2', client: 'a', service: 'web', port: 80, count: 7, lastSeen: '2026-11-14T00:00:00Z' },
      {
        source: 'calls.csv:3',
        client: 'b',
        clientKind: 'CronJob',
        service: 'web',
        port: 80,
        path: '/x',
        method: 'GET',
      },
    ],
  },
  { source: 'nobody.json', seesUnmeshed: false, rows: [] },
];

async function save(name: string): Promise<{ path: string; reading: Awaited<ReturnType<typeof readPaths>> }> {
  writeFileSync(join(root, 'm.yaml'), MANIFESTS);
  const reading = await readPaths([join(root, 'm.yaml')], { namespaceForUnset: 'shop' });
  const path = join(root, name);
  await writeSnapshot(path, { ...reading, entries: reading.coverage, calls: CALLS, writtenBy: '0.1.0' });
  return { path, reading };
}

describe('a snapshot', () => {
  it.each(['world.jsonl', 'world.gz', 'world'])('%s is read back as the same world', async (name) => {
    const { path, reading } = await save(name);
    const again = await readPaths([path], { namespaceForUnset: 'elsewhere' });
    expect(again).toEqual({ ...reading, files: 1, calls: CALLS });
  });

  it('holds no secret, wherever one was, but the hosts beside them', async () => {
    const { path, reading } = await save('world.gz');
    expect(gunzipSync(readFileSync(path)).toString('utf8')).not.toContain(SECRET);
    expect(reading.objects.flatMap(hostsOf)).toEqual([
      { container: 'web', source: 'DB_HOST', host: 'mysql' },
      { container: 'web', source: 'ORDERS_URL', host: 'orders.shop.svc', port: 8443, scheme: 'https' },
      { container: 'web', source: 'args', host: 'redis', port: 6379 },
      { container: 'web', source: 'command', host: 'db.shop', port: 5432, scheme: 'postgres' },
      { source: 'app.properties', host: 'orders', port: 8080, scheme: 'http' },
    ]);
  });

  it('that was cut short, damaged or written by a newer version is refused', async () => {
    const { path } = await save('world.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    const cut = join(root, 'cut');
    writeFileSync(cut, lines.slice(0, 3).join('\n'));
    await expect(readPaths([cut], { namespaceForUnset: 'x' })).rejects.toMatchObject({
      code: 'damaged-snapshot',
      exitStatus: 2,
    });
    const [header = '', ...others] = lines;
    writeFileSync(cut, [header.replace('"watched":[', '"unwatched":['), ...others].join('\n'));
    await expect(readPaths([cut], { namespaceForUnset: 'x' })).rejects.toMatchObject({ code: 'damaged-snapshot' });
    writeFileSync(cut, gzipSync(readFileSync(path)).subarray(0, 700));
    await expect(readPaths([cut], { namespaceForUnset: 'x' })).rejects.toMatchObject({ code: 'damaged-snapshot' });
    writeFileSync(cut, (lines[0] ?? '').replace('"form":2', '"form":3'));
    await expect(readPaths([cut], { namespaceForUnset: 'x' })).rejects.toMatchObject({ code: 'newer-snapshot' });
  });
});
