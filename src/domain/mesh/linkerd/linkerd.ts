import type { Mesh } from '../mesh.ts';
import { admissionOf } from './admission.ts';
import { dataPlaneOf } from './data-plane.ts';
import { detectLinkerd } from './detect.ts';
import { egressOf } from './egress.ts';
import { enrolmentOf } from './enrolment.ts';
import { strangersTo } from './identity.ts';
import { outboundOf } from './outbound.ts';
import { linkerdAuthorize, linkerdInbound, linkerdPolicies, linkerdPortMode } from './policy/seam.ts';

/** Linkerd, as its open-source releases behave. */
export const linkerd: Mesh = {
  id: 'linkerd',
  displayName: 'Linkerd',
  detect: detectLinkerd,
  enrolment: enrolmentOf,
  admit: admissionOf,
  dataPlane: dataPlaneOf,
  outbound: outboundOf,
  egress: egressOf,
  portMode: linkerdPortMode,
  inbound: linkerdInbound,
  strangers: strangersTo,
  authorize: linkerdAuthorize,
  policies: linkerdPolicies,
};
