import type { PodShape } from '../../../world/pod-shape.ts';
import { INIT_CONTAINER } from '../names.ts';
import type { PolicyPlane } from './plane.ts';

const FLAG = '--subnets-to-ignore';
const ANNOTATION = 'config.linkerd.io/skip-subnets';

/**
 * Why some callers may reach the application past its proxy: calls from subnets that the capture leaves out, as
 * `linkerd-init` was told, else as the annotation or the chart says. Undefined where it leaves none out.
 * Source: linkerd2-proxy-init pkg/iptables/iptables.go#addIncomingTrafficRules.
 */
export function whyCallersPassBy(pod: PodShape, { skipSubnets }: PolicyPlane): string | undefined {
  const args = pod.initContainers.find(({ name }) => name === INIT_CONTAINER)?.args ?? [];
  const written = args.length > 0 ? argumentIn(args) : pod.annotations[ANNOTATION];
  if (written === undefined && !skipSubnets.known)
    return `which subnets pass no proxy is not known: ${skipSubnets.reason}`;
  const subnets = written ?? (skipSubnets.known ? skipSubnets.value : '');
  return subnets.trim() === ''
    ? undefined
    : `calls from ${subnets} pass no proxy, and who calls from there is not known`;
}

function argumentIn(args: readonly string[]): string {
  const index = args.indexOf(FLAG);
  if (index >= 0) return args[index + 1] ?? '';
  return args.find((arg) => arg.startsWith(`${FLAG}=`))?.slice(FLAG.length + 1) ?? '';
}
