import { describe, expect, it } from 'vitest';
import { strictCasualties } from '../../../src/domain/checks/strict-casualties.ts';
import type { KubeObject } from '../../../src/domain/kubernetes/object.ts';
import type { JsonObject } from '../../../src/lib/json.ts';
import { chartWebhookConfigurations } from '../../../src/domain/mesh/istio/injection/chart-webhooks.ts';
import { completeWorld, controlPlane, object } from '../../cases-runner/case-world.ts';
import { contextOf } from './check-world.ts';

const SCRAPED = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' };
const WEBHOOKS = chartWebhookConfigurations({ revisions: ['default'], origin: { from: 'read' } });

function deployment(namespace: string, name: string, annotations: Readonly<Record<string, string>> = {}): KubeObject {
  const containers = [{ name, image: `prom/${name}:v3`, ports: [{ containerPort: 8080 }] }];
  const template = { metadata: { labels: { app: name }, annotations }, spec: { containers } };
  return object('apps/v1', 'Deployment', { name, namespace, spec: { template } });
}

/** The scrapes that STRICT cuts, and those of which that is not known, with what else the cluster holds. */
function scrapes(more: readonly KubeObject[]): { readonly cut: number; readonly undecided: readonly string[] } {
  const spaces = [
    object('v1', 'Namespace', { name: 'shop', labels: { 'istio-injection': 'enabled' } }),
    object('v1', 'Namespace', { name: 'monitoring', labels: { 'istio-injection': 'disabled' } }),
  ];
  const workloads = [deployment('shop', 'app', SCRAPED), deployment('monitoring', 'prometheus')];
  const { cut, undecided } = strictCasualties(contextOf(completeWorld([...spaces, ...workloads, ...more])));
  return { cut: cut.length, undecided: undecided.map(({ reason }) => reason) };
}

function installed(mesh: JsonObject): readonly KubeObject[] {
  return [...WEBHOOKS, ...controlPlane({ mesh })];
}

describe('scrapes that annotations ask for', () => {
  it('move to the agent’s port by default, and stay where merging is off', () => {
    expect(scrapes([])).toEqual({ cut: 0, undecided: [] });
    expect(scrapes(installed({}))).toEqual({ cut: 0, undecided: [] });
    expect(scrapes(installed({ enablePrometheusMerge: false })).cut).toBe(1);
  });

  it('are not known to move where Istio runs and its configuration was not read', () => {
    const found = scrapes(
      installed({}).filter(({ kind, metadata }) => kind !== 'ConfigMap' || metadata.name !== 'istio'),
    );
    expect(found.cut).toBe(0);
    expect(found.undecided).toHaveLength(1);
  });
});
