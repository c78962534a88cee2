import { expect, it } from 'vitest';
import { ambientEnrolment } from '../../../../../src/domain/mesh/istio/ambient/enrolment-labels.ts';

const pod = { labels: {}, annotations: {}, hostNetwork: false };
const ambient = { name: 'shop', labels: { 'istio.io/dataplane-mode': 'ambient' } };

it.each([
  [{ namespace: ambient, pod }, 'selected'],
  [{ namespace: ambient, pod: { ...pod, hostNetwork: true } }, 'host-network'],
  [{ namespace: ambient, pod, excludedNamespaces: ['shop'] }, 'excluded-namespace'],
  [{ namespace: ambient, pod, selectors: [] }, 'not-selected'],
  [{ namespace: { name: 'shop', labels: {} }, pod }, 'not-selected'],
])('enrolment of %j is decided by %s', (input, code) => {
  expect(ambientEnrolment(input)).toMatchObject({ code, enrolled: code === 'selected' });
});
