import { expect, test } from 'vitest';
import { renderDocumentMarkdown } from '../../../src/render/markdown/document.ts';
import { renderDocument } from '../../../src/render/text/document.ts';
import { verificationDocument, type VerificationView } from '../../../src/render/verification/verification-document.ts';

const EVIL = 'evil\u001b[31m`<script>` | x';

const VIEW: VerificationView = {
  apiVersion: 'meshwise.dev/v1alpha1',
  kind: 'Verification',
  basis: 'live',
  coverage: [],
  warnings: [],
  setAside: [],
  cluster: 'test',
  plan: { target: 'istio-sidecar', goal: 'strict', staleAfter: '2026-12-01T00:00:00Z' },
  gate: 'exit',
  stage: 'strict-shop',
  conditions: [
    {
      id: 'step-1',
      text: 'Done: apply PeerAuthentication shop/default.',
      state: 'unmet',
      evidence: [{ rule: `${EVIL} is wanted there`, field: 'spec.mtls.mode', value: '"PERMISSIVE"' }],
    },
    {
      id: 'no-plaintext',
      text: 'No plaintext.',
      state: 'unknown',
      evidence: [{ rule: 'not watched' }],
      command: ['kubectl', 'get', 'pods'],
    },
    { id: 'ready', text: 'All pods are ready.', state: 'met', evidence: [] },
  ],
  drift: [
    {
      object: { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name: 'default' },
      field: 'spec.mtls.mode',
      wanted: '"STRICT"',
      found: EVIL.repeat(6),
    },
  ],
  summary: { met: 1, unmet: 1, unknown: 1 },
  answer: { is: 'no', because: ['1 of 3 conditions are unmet'] },
};

test('the text fits 80 columns, answers first, and escapes what clusters say', () => {
  const text = renderDocument(verificationDocument(VIEW), { colour: false, width: 80 });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect(text).not.toContain('\u001b');
  expect(text.indexOf('No: 1 of 3')).toBeLessThan(text.indexOf('UNMET'));
  expect(text.indexOf('UNMET')).toBeLessThan(text.indexOf('UNKNOWN'));
  expect(text).toContain('kubectl get pods');
  expect(text).toContain('PeerAuthentication shop/default spec.mtls.mode');
});

test('Markdown escapes what clusters say', () => {
  const markdown = renderDocumentMarkdown(verificationDocument(VIEW));
  expect(markdown).not.toContain('<script>');
  expect(markdown).toContain('# Verify strict');
});

test('the position says where the cluster is, and what is next', () => {
  const { stage: _stage, ...rest } = VIEW;
  const text = renderDocument(
    verificationDocument({
      ...rest,
      gate: 'position',
      conditions: [],
      drift: [],
      position: {
        at: 'strict-shop',
        next: ['shadow-shop'],
        action: 'verify --stage shadow-shop --entry, and apply it where that passes',
        stages: [
          { stage: 'strict-shop', number: 300, title: 'STRICT', state: 'ready', standing: 'holds', why: [] },
          {
            stage: 'shadow-shop',
            number: 310,
            title: 'Shadow',
            state: 'ready',
            standing: 'partly',
            why: ['one is missing'],
          },
        ],
      },
    }),
    { colour: false, width: 80 },
  );
  expect(text).toContain('The cluster is at stage strict-shop. 1 of 2 stages');
  expect(text).toContain('one is missing');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});
