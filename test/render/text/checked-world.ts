import type { Finding } from '../../../src/domain/checks/check.ts';
import { CONTRACT_VERSION } from '../../../src/domain/world/result-head.ts';
import type { CheckedWorld } from '../../../src/render/text/check-report-document.ts';

/** A finding with the parts that a test names; the rest is plain. */
export function finding(parts: Partial<Finding> = {}): Finding {
  return {
    check: 'unmeshed-callers',
    title: 'Clients outside the mesh',
    severity: 'high',
    certainty: 'heuristic',
    stages: ['strict'],
    object: { kind: 'apps/Deployment', namespace: 'shop', name: 'cart' },
    field: 'spec.ports',
    value: '8080',
    message: 'Calls are refused.',
    evidence: [],
    remedy: { text: 'Enrol the caller first.' },
    sources: ['https://example.com/why'],
    ...parts,
  };
}

/** A report of the given findings; the counts are those of findings without a waiver in force. */
export function checkedWorld(findings: readonly Finding[], parts: Partial<CheckedWorld> = {}): CheckedWorld {
  const open = findings.filter(({ waived }) => waived?.expired !== false);
  const count = (severity: Finding['severity']): number => open.filter((each) => each.severity === severity).length;
  const counts = { blocker: count('blocker'), high: count('high'), medium: count('medium'), low: count('low') };
  return {
    apiVersion: CONTRACT_VERSION,
    kind: 'CheckReport',
    basis: 'snapshot',
    coverage: [],
    setAside: [],
    warnings: [],
    cluster: { name: 'shop' },
    target: 'istio-sidecar',
    failOn: 'blocker',
    failing: counts.blocker,
    namespaces: [],
    elsewhere: 0,
    findings,
    notAssessed: [],
    passed: [],
    summary: { checks: 3, findings: counts, waived: findings.length - open.length, notAssessed: 0, passed: 0 },
    ...parts,
  };
}
