import { planIstioSidecar } from './istio-sidecar/plan-istio-sidecar.ts';
import { planIstioAmbient } from './istio-ambient/plan-istio-ambient.ts';
import { planLinkerd } from './linkerd/plan-linkerd.ts';
import type { Target } from './plan.ts';
import type { Planning } from './planning.ts';

/** Who plans towards each target: each writes its stages into the planning, from preflight to operate. */
export const PLANNERS: Readonly<Record<Target, (planning: Planning) => void>> = {
  'istio-sidecar': planIstioSidecar,
  'istio-ambient': planIstioAmbient,
  linkerd: planLinkerd,
};
