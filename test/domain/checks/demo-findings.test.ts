import { beforeAll, describe, expect, it } from 'vitest';
import type { OpenedWorld } from '../../../src/app/open-world.ts';
import type { CheckReport, Finding } from '../../../src/domain/checks/check.ts';
import { runChecks } from '../../../src/domain/checks/run-checks.ts';
import { formatRef } from '../../../src/domain/kubernetes/object.ts';
import { asText, at } from '../../../src/lib/json.ts';
import { openFiles } from '../../support/open-files.ts';

let demo: OpenedWorld;
let report: CheckReport;
beforeAll(async () => {
  demo = await openFiles({ demo: true });
  report = runChecks({ world: demo.world, graph: demo.graph, target: 'istio-sidecar' });
});

/** What the finding would apply, by the object that it writes. */
function exceptions({ remedy }: Finding): readonly (readonly [name: string, content: string])[] {
  return (remedy.change?.steps ?? []).flatMap((step) =>
    step.step === 'apply'
      ? [[formatRef({ ...step.manifest, ...step.manifest.metadata }), JSON.stringify(step.manifest)]]
      : [],
  );
}

describe('the findings of the demo', () => {
  it('are the troubles that its README tells of, each once', () => {
    expect(report.findings.map(({ check, object }) => `${check} ${formatRef(object)}`).sort()).toEqual([
      'admission-webhook-in-mesh Deployment shop-ops/release-guard',
      'destinationrule-tls-vs-strict DestinationRule shop-parcel/tracking-plaintext',
      'ingress-controller-unmeshed Deployment shop-parcel/tracking',
      'ingress-controller-unmeshed Deployment shop-web/backoffice',
      'ingress-controller-unmeshed Deployment shop-web/storefront',
      'netpol-egress-blocks-istiod NetworkPolicy shop-pay/default-deny',
      'pods-not-restarted-after-label Deployment shop-parcel/label-maker',
      'pods-not-restarted-after-label Deployment shop-parcel/rate-card',
      'port-protocol-unrecognised Service shop-core/orders',
      'port-protocol-unrecognised Service shop-core/stock-grid',
      'port-protocol-unrecognised Service shop-core/stock-grid-client',
      'port-protocol-unrecognised Service shop-pay/ledger',
      'port-protocol-unrecognised Service shop-pay/ledger-db',
      'port-protocol-unrecognised Service shop-web/backoffice',
      'psa-blocks-init-container Namespace shop-pay',
      'server-first-port-undeclared-istio Service shop-core/shop-db',
      'server-first-port-undeclared-istio Service shop-ops/mail-relay',
      'unmeshed-callers Deployment shop-core/cart',
      'unmeshed-callers Deployment shop-core/orders',
      'unmeshed-callers Deployment shop-ops/log-intake',
      'unmeshed-callers Deployment shop-pay/payments',
      'unmeshed-callers Deployment shop-web/storefront',
      'unmeshed-callers StatefulSet shop-core/stock-grid',
    ]);
  });

  it('name each caller of a port under one check alone', () => {
    const rows = report.findings.flatMap(({ object, value, evidence }) =>
      [...new Set(evidence.flatMap((each) => (each.value?.includes(' to ') === true ? [each.value] : [])))].map(
        (pair) => `${formatRef(object)} ${value ?? ''} ${pair}`,
      ),
    );
    expect(rows.filter((row, index) => rows.indexOf(row) !== index)).toEqual([]);
  });

  it('write one and the same content wherever two of them write one object', () => {
    const written = new Map<string, string>();
    for (const [name, content] of report.findings.flatMap(exceptions)) {
      expect(written.get(name) ?? content, name).toBe(content);
      written.set(name, content);
    }
  });

  it('cite no object that the world does not hold, and no value that is not in it', () => {
    for (const { evidence } of report.findings) {
      for (const { object, field, value } of evidence) {
        if (object === undefined) continue;
        const held = demo.world.get(object);
        expect(held, formatRef(object)).toBeDefined();
        if (field?.startsWith('spec.mtls') === true) expect(asText(at(held, ...field.split('.')))).toBe(value);
      }
    }
    const planned = report.findings
      .flatMap(({ evidence }) => evidence)
      .filter(({ rule }) => rule.startsWith('what if'));
    expect(planned.some(({ rule }) => rule.startsWith('what if: STRICT in shop-web: '))).toBe(true);
    expect(planned.some(({ rule }) => rule.startsWith('what if: STRICT in shop-parcel: '))).toBe(true);
    expect(planned.every(({ object }) => object === undefined)).toBe(true);
  });
});
