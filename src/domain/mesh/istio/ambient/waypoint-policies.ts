import type { ObjectRef } from '../../../kubernetes/object.ts';
import type { Service } from '../../../world/service.ts';
import { attachedPolicies, type Attached } from '../attached-policies.ts';
import type { ProxyView } from '../proxy-view.ts';
import { GATEWAY_NAME } from './relay-for.ts';

/**
 * The policies that a waypoint enforces on calls to a Service: those that target the Service, the Gateway or its class,
 * never one that selects pods. Without a Service those of the Gateway and the class alone.
 * Source: istio pilot/pkg/model/policyattachment.go, ShouldAttachPolicy.
 */
export function waypointPolicies(view: ProxyView, gateway: ObjectRef, service: Service | undefined): Attached {
  const { name, namespace = '' } = gateway;
  const services =
    service === undefined ? [] : [{ kind: 'Service' as const, namespace: service.namespace, name: service.name }];
  return attachedPolicies(view, { namespace, labels: { [GATEWAY_NAME]: name }, waypoint: true, services });
}
