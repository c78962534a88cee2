import { KIND } from '../../kubernetes/kinds.ts';
import type { ExternalStep } from '../../world/step.ts';
import type { World } from '../../world/world.ts';
import { isServed } from '../foundations/served.ts';
import { GATEWAY_API_KINDS, GATEWAY_API_VERSION } from './istio-releases.ts';

/** The step that brings the kinds of the Gateway API; none where they are served. Without them istiod makes no waypoint. */
export function gatewayApiSteps(world: World): readonly ExternalStep[] {
  if (isServed(world, KIND.kubernetesGateway)) return [];
  const file = `https://github.com/kubernetes-sigs/gateway-api/releases/download/v${GATEWAY_API_VERSION}/standard-install.yaml`;
  return [
    {
      step: 'external',
      title: `The kinds of the Gateway API ${GATEWAY_API_VERSION}, standard channel; where the platform brings them, switch that on instead`,
      commands: [['kubectl', 'apply', '--server-side', '-f', file]],
      expect: [],
      expectKinds: GATEWAY_API_KINDS,
    },
  ];
}
