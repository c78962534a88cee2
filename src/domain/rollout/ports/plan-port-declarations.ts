import { groupBy } from '../../../lib/order.ts';
import { formatRef } from '../../kubernetes/object.ts';
import type { PatchStep } from '../../world/step.ts';
import type { Condition } from '../plan.ts';
import { tryNow, writeStage, type Planning } from '../planning.ts';
import type { Trial } from '../simulate-stage.ts';
import type { StageParts } from '../stage-draft.ts';
import { declarationOf, type Declaration } from './declaration.ts';
import { judgePorts, type JudgedServicePort } from './judge-ports.ts';

const PREFIX = 'declare-ports-';

/** The stages that declare ports and may be applied, by id. */
export function portStages({ stages }: Planning): readonly string[] {
  return stages
    .filter(({ id, kind, state }) => kind === 'preflight' && id.startsWith(PREFIX) && state === 'ready')
    .map(({ id }) => id);
}

/**
 * Plans, for sidecars of Istio, a stage a namespace that declares the ports at which the server speaks first: a proxy
 * that waits for the client there stalls the call. Only what evidence says is declared; the rest is a question of the
 * preflight. ztunnel looks at no protocol, and Linkerd has its own way (opaque ports).
 */
export function planPortDeclarations(planning: Planning, namespaces: readonly string[]): void {
  if (planning.input.target !== 'istio-sidecar') return;
  const sure = judgePorts(planning, namespaces).filter(({ certainty }) => certainty === 'sure');
  for (const [namespace, ports] of groupBy(sure, ({ service }) => service.namespace)) {
    const declarations = ports.map((port) => declarationOf(planning.world, port));
    writeHarmless(
      planning,
      namespace,
      declarations.filter(({ held }) => held === undefined),
    );
    writeHeld(
      planning,
      namespace,
      declarations.filter(({ held }) => held !== undefined),
    );
  }
}

/** What makes a call worse by itself is a stage of its own, so that it does not hold up the others. */
function writeHarmless(planning: Planning, namespace: string, declarations: readonly Declaration[]): void {
  const steps = declarations.map(({ step }) => step);
  const harmful = steps.filter((step) => isHarmful(tryNow(planning, 'trial', [step])));
  const harmless = steps.filter((step) => !harmful.includes(step));
  if (harmless.length > 0) write(planning, { id: `${PREFIX}${namespace}`, namespace }, harmless);
  if (harmful.length > 0) write(planning, { id: `${PREFIX}${namespace}-worse`, namespace }, harmful);
}

function isHarmful({ worse }: Trial): boolean {
  return worse.length > 0;
}

function writeHeld(planning: Planning, namespace: string, held: readonly Declaration[]): void {
  if (held.length === 0) return;
  const blockedBy = held.map((declaration) => ({
    kind: 'object' as const,
    what: declaration.held ?? '',
    remedy:
      'tell the cloud how to probe the port (on Azure service.beta.kubernetes.io/port_PORT_health-probe_protocol: tcp), or serve the port from a second Service of type ClusterIP that declares it, and plan again',
  }));
  write(
    planning,
    { id: `${PREFIX}${namespace}-held`, namespace, blockedBy },
    held.map(({ step }) => step),
  );
}

type Named = Pick<StageParts, 'id' | 'blockedBy'> & { readonly namespace: string };

function write(planning: Planning, { id, namespace, blockedBy = [] }: Named, steps: readonly PatchStep[]): void {
  const ports = steps.length === 1 ? 'port' : 'ports';
  writeStage(planning, {
    parts: {
      id,
      kind: 'preflight',
      title: `Declare ${String(steps.length)} ${ports} of ${namespace}`,
      why: 'Where the server speaks first and the port says nothing of it, a proxy waits for the first bytes of a client that sends none, and the call hangs.',
      risk: 'A port that is declared TCP by mistake loses what proxies know of HTTP; calls pass all the same.',
      doesNotChange:
        'No pod restarts, and callers outside the mesh notice nothing. Clients that are in the mesh already read the declaration at once.',
      dependsOn: ['preflight'],
      scope: { namespaces: [namespace], workloads: [] },
      notes: steps.map(
        (step) =>
          `${formatRef(step.target)}, ${step.why}. The Service belongs to somebody else: the patch goes into its source, or the next sync takes it away.`,
      ),
      exitGate: steps.map(stillThere),
      blockedBy,
    },
    trial: tryNow(planning, id, steps),
    state: 'ready',
    timeToEffect: 'seconds (configuration push; nothing where no proxy runs yet)',
    validWhile: 'no workload that calls these ports, or answers at them, has a proxy',
  });
}

function stillThere({ target, patch }: PatchStep): Condition {
  return {
    id: `declares-${target.namespace ?? ''}-${target.name}`,
    text: `${formatRef(target)} still says what the stage wrote, after its source was synced.`,
    state: { check: 'holds', object: target, fields: patch },
  };
}

const SHOWN = 20;

/** What the preflight asks of ports of which nobody is sure, with the patch that would say so; nothing is changed for them. */
export function portQuestions(planning: Planning, namespaces: readonly string[]): readonly string[] {
  if (planning.input.target !== 'istio-sidecar') return [];
  const open = judgePorts(planning, namespaces).filter(({ certainty }) => certainty === 'question');
  const more = open.length - SHOWN;
  return [
    ...open.slice(0, SHOWN).map(questionOf),
    ...(more > 0 ? [`And ${String(more)} ports more of which nobody is sure what they speak.`] : []),
  ];
}

function questionOf({ service, port, declare, why }: JudgedServicePort): string {
  const patch = JSON.stringify({
    spec: { ports: [{ port: port.port, protocol: port.protocol, appProtocol: declare }] },
  });
  const caution =
    service.type === 'LoadBalancer'
      ? ' It is a load balancer: its cloud may read the value as the kind of its probe.'
      : '';
  return `Question: what does Service ${service.namespace}/${service.name} speak at port ${String(port.port)}? ${capitalized(why)}. If it is ${declare} for every caller: kubectl patch service ${service.name} -n ${service.namespace} -p '${patch}', in its source. Nothing is changed until somebody says so.${caution}`;
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
