import type { DrawnEdge } from '../../../src/domain/inventory/call-drawing.ts';
import type { DrawnGraph } from '../../../src/render/graph/words.ts';

/** A drawing of a namespace with a workload of those names, an outsider that calls it, and a host that it calls. */
export function drawingOf(namespace: string, name: string): DrawnGraph {
  const edge: Omit<DrawnEdge, 'from' | 'to'> = {
    calls: 1,
    evidence: 'observed',
    ports: [8080],
    protocols: ['http'],
    wire: ['mtls'],
    verdict: 'ok',
  };
  return {
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'CallDrawing',
    basis: 'live',
    coverage: [],
    warnings: [],
    setAside: [],
    cluster: name,
    by: 'workload',
    nodes: [
      { id: 'a', kind: 'workload', namespace, label: name, note: name },
      { id: 'b', kind: 'service', namespace, label: name },
      { id: 'outsider/internet', kind: 'outsider', label: name },
      { id: 'external/x', kind: 'external', label: name },
    ],
    edges: [
      { ...edge, from: 'a', to: 'b', protocols: [name] },
      { ...edge, from: 'a', to: 'external/x', evidence: 'inferred', verdict: 'unknown' },
      { ...edge, from: 'outsider/internet', to: 'a', evidence: 'declared', verdict: 'breaks' },
    ],
    leftOut: { probes: 2, quietWorkloads: 1 },
  };
}
