import type { Mesh } from '../mesh.ts';
import { admissionOf } from './admission.ts';
import { alikeSenders } from './alike-senders.ts';
import { relayedBy } from './ambient/relayed.ts';
import { authorizationOf, judgesCallers, policySummary } from './authorize.ts';
import { dataPlaneOf } from './data-plane.ts';
import { detectIstio } from './detect.ts';
import { egressOf } from './egress.ts';
import { enrolmentOf } from './enrolment.ts';
import { inboundOf, portModeOf } from './inbound.ts';
import { outboundOf } from './outbound.ts';
import { strangersTo, whyUntrusted } from './peer-trust.ts';

/** Istio with sidecars, in ambient mode, and with both at once. */
export const istio: Mesh = {
  id: 'istio',
  displayName: 'Istio',
  detect: detectIstio,
  enrolment: enrolmentOf,
  admit: admissionOf,
  dataPlane: dataPlaneOf,
  outbound: outboundOf,
  alike: alikeSenders,
  judgesCallers,
  relay: relayedBy,
  egress: egressOf,
  portMode: portModeOf,
  inbound: inboundOf,
  whyUntrusted,
  strangers: strangersTo,
  authorize: authorizationOf,
  policies: policySummary,
};
