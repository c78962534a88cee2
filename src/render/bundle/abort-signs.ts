import type { RolloutPlan, Stage, StageKind, Target } from '../../domain/rollout/plan.ts';
import type { WorkloadRef } from '../../domain/world/workload.ts';
import { namespaceArgs, shellLine } from './commands.ts';
import { code, codeBlock, markdown, type Markdown } from './markdown.ts';

/** What an operator sees when a stage goes wrong, and the commands that tell the mesh from the application. */
export interface AbortSigns {
  /** Those that no abort condition of the stage says already. */
  readonly signatures: readonly Markdown[];
  /** Whether connections may be cut or made anew. */
  readonly cuts: boolean;
  /** Empty where there is nothing to run. */
  readonly look: Markdown | '';
}

interface Signs {
  readonly strict: string;
  readonly deny: string;
}

/**
 * What the proxies write when they refuse. Istio: filter chains and RBAC in Envoy's access log
 * (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage), ztunnel's log;
 * Linkerd: https://linkerd.io/2/reference/authorization-policy/.
 */
const SIGNS = {
  'istio-sidecar': {
    strict: `The client sees ${span('connection reset')}; the server's proxy logs the flag ${span('NR')} with ${span('filter_chain_not_found')}.`,
    deny: `HTTP clients get 403 with ${span('RBAC: access denied')}, others a closed connection; the server's proxy logs ${span('rbac_access_denied_matched_policy')}.`,
  },
  'istio-ambient': {
    strict: `The client sees ${span('connection reset')}; ztunnel on the server's node logs ${span('policy rejection')}.`,
    deny: `The client sees ${span('connection reset')}; ztunnel logs ${span('policy rejection')}; a waypoint answers 403 with ${span('RBAC: access denied')}.`,
  },
  linkerd: {
    strict: `HTTP clients get 403, gRPC clients ${span('PERMISSION_DENIED')}, others ${span('connection refused')} or a reset.`,
    deny: `HTTP clients get 403, gRPC clients ${span('PERMISSION_DENIED')}, others ${span('connection refused')} or a reset.`,
  },
} as const satisfies Record<Target, Signs>;

/** Words by which two descriptions are of the same sign. */
const TELLING = ['filter_chain_not_found', 'RBAC: access denied', 'policy rejection', 'PERMISSION_DENIED'];

const PODS = `New pods stay in ${span('Init')}, ${span('Pending')} or not ready, or restart.`;

/** The signs of the stage's kind; none for a stage that touches no traffic. */
export function abortSigns(plan: RolloutPlan, stage: Stage): AbortSigns {
  const signatures = signaturesOf(stage.kind, SIGNS[plan.target]);
  const commands = signatures.length === 0 ? [] : lookCommands(plan.target, stage);
  const said = stage.abort.map(({ text }) => text).join(' ');
  return {
    signatures: signatures
      .filter((sign) => !TELLING.some((word) => sign.includes(word) && said.includes(word)))
      .map(markdown),
    cuts: signatures.length > 0,
    look: commands.length === 0 ? '' : codeBlock('sh', commands),
  };
}

function signaturesOf(kind: StageKind, signs: Signs): readonly string[] {
  switch (kind) {
    case 'strict':
      return [signs.strict];
    case 'shadow':
    case 'allow':
    case 'deny':
    case 'default':
      return [signs.deny];
    case 'enrol':
      return [PODS];
    case 'control-plane':
    case 'node-agents':
      return [PODS];
    case 'preflight':
    case 'trust':
    case 'telemetry':
    case 'break-glass':
    case 'scoping':
    case 'operate':
      return [];
  }
}

const LOGGED: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod']);

function lookCommands(target: Target, stage: Stage): readonly string[] {
  const pods = stage.scope.namespaces
    .slice(0, 1)
    .map((namespace) => shellLine(['kubectl', 'get', 'pods', ...namespaceArgs(namespace)]));
  if (target === 'istio-ambient') {
    return [...pods, shellLine(['kubectl', 'logs', '-n', 'istio-system', 'daemonset/ztunnel', '--since=10m'])];
  }
  const container = target === 'linkerd' ? 'linkerd-proxy' : 'istio-proxy';
  const workload = stage.scope.workloads.find(({ kind }) => LOGGED.has(kind));
  return workload === undefined ? pods : [...pods, proxyLog(workload, container)];
}

function proxyLog({ namespace, kind, name }: WorkloadRef, container: string): string {
  const object = `${kind.toLowerCase()}/${name}`;
  return shellLine(['kubectl', 'logs', ...namespaceArgs(namespace), object, '-c', container, '--since=10m']);
}

function span(text: string): string {
  return code(text).markdown;
}
