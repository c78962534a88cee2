import type { World } from '../world/world.ts';
import { isProxyContainer } from '../world/proxy-containers.ts';
import type { CallTarget } from './call.ts';
import { containerPorts, servicesBefore } from './find-services.ts';
import type { SelectedWorkload } from './find-workloads.ts';
import { toPodPort } from './found-calls.ts';

/** A port of pods, by number or by the name that a container gives it. */
export interface PodPort {
  readonly port: number | string;
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string;
}

/** How clients reach a port of pods: through the Services that lead there, else at the pods' own address. */
export function targetsAtPodPort(
  world: World,
  { workload, pods }: SelectedWorkload,
  { port, protocol }: PodPort,
): readonly CallTarget[] {
  const numbers =
    typeof port === 'number'
      ? [port]
      : pods.flatMap((pod) =>
          pod.containers.flatMap(({ ports }) => ports.filter(({ name }) => name === port).map((each) => each.port)),
        );
  return [...new Set(numbers)].flatMap((number) => {
    const through = servicesBefore(world, workload).flatMap((service) =>
      service.ports
        .filter((each) => each.protocol === protocol && containerPorts(each, pods).includes(number))
        .map((each): CallTarget => {
          return { kind: 'service-port', namespace: service.namespace, service: service.name, port: each.port };
        }),
    );
    return through.length > 0 ? through : [toPodPort(workload, number)];
  });
}

/**
 * The TCP ports of its pods at which a workload is called: those that Services lead to, else those that its containers
 * declare, proxies apart; ascending.
 */
export function callablePorts(world: World, { workload, pods }: SelectedWorkload): readonly number[] {
  const through = servicesBefore(world, workload).flatMap((service) =>
    service.ports.filter(({ protocol }) => protocol === 'TCP').flatMap((each) => containerPorts(each, pods)),
  );
  const declared = pods.flatMap((pod) =>
    pod.containers
      .filter(({ name }) => !isProxyContainer(name, pod))
      .flatMap(({ ports }) => ports.filter(({ port, protocol }) => port > 0 && protocol === 'TCP'))
      .map(({ port }) => port),
  );
  return [...new Set(through.length > 0 ? through : declared)].sort((left, right) => left - right);
}
