import { workloadsBehind } from '../calls/find-services.ts';
import { workloadRef, type WorkloadRef } from '../world/workload.ts';
import type { Service, ServicePort } from '../world/service.ts';
import type { World } from '../world/world.ts';

export interface ServiceRow {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly headless: boolean;
  readonly ports: readonly ServicePort[];
  /** The workloads whose pods, live or next, the selector picks. */
  readonly workloads: readonly WorkloadRef[];
}

/** A Service with the workloads behind it. */
export function serviceRow(service: Service, world: World): ServiceRow {
  const { namespace, name, type, headless, ports } = service;
  const workloads = workloadsBehind(world, service).map(({ workload }) => workloadRef(workload));
  return { namespace, name, type, headless, ports, workloads };
}
