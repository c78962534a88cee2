import type { Mesh } from '../mesh.ts';
import { admissionOf } from './admission.ts';
import { authorizationOf, policySummary } from './authorize.ts';
import { dataPlaneOf } from './data-plane.ts';
import { detectIstio } from './detect.ts';
import { egressOf } from './egress.ts';
import { enrolmentOf } from './enrolment.ts';
import { inboundOf, portModeOf } from './inbound.ts';
import { outboundOf } from './outbound.ts';

/** Istio with sidecars; pods in ambient mode are recognised, and what becomes of their calls is unknown. */
export const istio: Mesh = {
  id: 'istio',
  displayName: 'Istio',
  detect: detectIstio,
  enrolment: enrolmentOf,
  admit: admissionOf,
  dataPlane: dataPlaneOf,
  outbound: outboundOf,
  egress: egressOf,
  portMode: portModeOf,
  inbound: inboundOf,
  authorize: authorizationOf,
  policies: policySummary,
};
