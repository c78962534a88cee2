import { formatWorkload, workloadRef } from '../../world/workload.ts';
import type { Condition } from '../plan.ts';
import type { Server } from '../istio/authorization-parts.ts';
import type { Cutting } from '../istio/cutting.ts';
import type { CuttingPlane } from '../istio/cutting.ts';
import type { Part } from '../istio/authorization-parts.ts';
import { exemptWhole, portsExceptedAlready } from '../istio/strict-exceptions.ts';
import type { ListedServers } from '../istio/listed-servers.ts';
import {
  ambientConverged,
  noPlaintextAt,
  noPlaintextByLog,
  onlyCallers,
  ztunnelDenies,
  ztunnelRefusesPlaintext,
} from './ambient-gates.ts';

/** ztunnel: it knows connections, identities and ports, and evaluates no policy in dry run that it could report on. */
export const AMBIENT_PLANE: CuttingPlane = {
  hasDryRun: false,
  strictWhy: 'From here on ztunnel lets nothing through to pods of the namespace but mutual TLS (HBONE).',
  strictDoesNotChange:
    'Who may call is not decided here: every workload of the mesh still may. Pods outside the mesh are not protected, and HBONE is accepted in every mode.',
  parts: {
    shadow: {
      kind: 'shadow',
      title: 'Replay of the allow rules',
      why: 'ztunnel has no metric for policies in dry run, and older ones enforce them; so the known calls are replayed against the rules before anybody is refused.',
      doesNotChange:
        'Nothing is applied: the replay reads the calls that were watched, and the rules as they are written for the stages after it.',
    },
    'allow-catch-all': {
      kind: 'allow',
      title: 'Admit everybody, in so many words',
      why: 'The first enforced ALLOW refuses everybody whom it does not name; so the first one names everybody.',
      doesNotChange: 'Nobody is refused, and nobody gets in who could not before.',
    },
    allow: {
      kind: 'allow',
      title: 'Enforce the allow rules beside the catch-all',
      why: 'The rules are in force on ztunnel, by identity and port alone, while the catch-all still admits everybody else.',
      doesNotChange:
        'Nobody is refused: the catch-all is there. No rule looks at requests: that is for waypoints, which this stage leaves alone.',
    },
    deny: {
      kind: 'deny',
      title: 'Deny by default',
      why: 'The catch-all goes: whoever no rule names is refused by ztunnel.',
      doesNotChange:
        'Covered are TCP ports of pods behind ztunnel, by identity and port. Not covered: requests (layer 7), UDP, host network, pods outside the mesh or on nodes whose agent was late, waypoints themselves, and everything that leaves.',
    },
  },
  converged: ambientConverged,
  beforeStrict,
  beforePart,
  afterReplay: (cutting) => [replayed(cutting)],
  onStrict: ztunnelRefusesPlaintext,
  onDeny: ztunnelDenies,
};

function beforeStrict(
  { planning, rule, namespace }: Cutting,
  { servers, excepted = [] }: ListedServers,
): readonly Condition[] {
  const already = portsExceptedAlready(planning.world, namespace);
  const whole = new Set(exemptWhole(planning.world, namespace).map(formatWorkload));
  return servers.flatMap((workload): readonly Condition[] => {
    const name = formatWorkload(workload);
    if (whole.has(name)) return [];
    const open = excepted.flatMap((each) => (formatWorkload(each.workload) === name ? [each.port] : []));
    const ports = [...new Set([...(already.get(name) ?? []), ...open])].sort((left, right) => left - right);
    const ref = workloadRef(workload);
    return [ports.length > 0 ? noPlaintextByLog(ref, ports) : noPlaintextAt(ref, rule.minWindowSeconds)];
  });
}

function beforePart(cutting: Cutting, part: Part, servers: readonly Server[]): readonly Condition[] {
  if (part === 'shadow') return [];
  if (part !== 'deny') return [replayed(cutting)];
  const window = cutting.rule.minWindowSeconds;
  const called = servers.filter(({ foreign }) => foreign.length === 0);
  return [
    replayed(cutting),
    ...called.map(({ workload, callers }) => {
      const principals = [...new Set(callers.rules.flatMap((rule) => rule.principals))].sort();
      return onlyCallers(workloadRef(workload), { principals, open: callers.open }, window);
    }),
  ];
}

/** What takes the place of a dry run. */
export function replayed({ namespace }: Pick<Cutting, 'namespace'>): Condition {
  return {
    id: 'replayed',
    text: `The calls of ${namespace} that were watched up to now, replayed against this stage and those after it, break nowhere: meshwise simulate --plan, in the folder of plan.json and with the calls that were observed in the window (--calls or --prometheus), shows no call that is refused.`,
    command: ['meshwise', 'simulate', '--plan', 'plan.json', '--calls', 'FILE'],
  };
}
