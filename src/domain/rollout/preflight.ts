import { compareBy } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { formatRef, kindOf, type ObjectRef } from '../kubernetes/object.ts';
import type { CheckStage, Finding, NotAssessed } from '../checks/check.ts';
import { SEVERITIES } from '../checks/check.ts';
import { runChecks } from '../checks/run-checks.ts';
import { cutsCalls } from '../simulate/verdict.ts';
import { derivedFrom } from '../world/derived.ts';
import { apart } from '../world/object-world.ts';
import type { Workload } from '../world/workload.ts';
import type { Condition, Target } from './plan.ts';
import { addStage, type Planning } from './planning.ts';
import { headroomNotes } from './preflight/headroom.ts';
import { sharedAccountNotes } from './service-accounts/shared-accounts.ts';
import { portQuestions } from './ports/plan-port-declarations.ts';
import type { RolloutInput } from './rollout-input.ts';

const SHOWN = 20;
const FINDINGS_SHOWN = 30;

const SECRETS_NOT_READ =
  'Secrets are never read, so a remote cluster that is joined by a Secret alone cannot be seen: kubectl get secrets -A -l istio/multiCluster=true must list none, or its callers are unknown.';

/** The stages whose findings a rollout meets, in the order in which it meets them. */
const STAGES: readonly CheckStage[] = ['install', 'inject', 'permissive', 'strict', 'authz'];

/** Stages of which no blocker may be open before anything is installed. */
const GATED: readonly CheckStage[] = ['install', 'inject'];

/** The first stage: what the checks find, what was not read, what breaks already. `namespaces` are those of the plan. */
export function planPreflight(planning: Planning, namespaces: readonly string[]): void {
  const { input, index, fates } = planning;
  const gaps = input.world.coverage.entries.filter(({ state }) => state !== 'read' && state !== 'absent');
  const broken = index.all.filter(({ id }) => cutsCalls(fates.get(id)?.verdict ?? 'ok'));
  const { findings, notAssessed } = checked(planning, namespaces);
  addStage(
    planning,
    {
      id: 'preflight',
      kind: 'preflight',
      title: 'Before anything is installed',
      why: 'What is not known now turns into a blocked stage later.',
      notes: [
        ...findingNotes(findings),
        ...notAssessed.map(({ check, reason, objects }) => `Not assessed: ${check}${of(objects)}: ${reason}.`),
        ...gaps.map(({ kind, state, reason }) => `${kind}: ${state}${reason === undefined ? '' : ` (${reason})`}.`),
        ...input.graph.unresolved.slice(0, SHOWN).map(({ source, reason }) => `${source}: ${reason}.`),
        ...portQuestions(planning, namespaces),
        ...headroomNotes(input.world, input.target, namespaces),
        ...sharedAccountNotes(input.world, namespaces, input.choices.splitServiceAccounts),
        SECRETS_NOT_READ,
        ...broken.slice(0, SHOWN).map(({ id }) => `${id} breaks today already; no stage is blamed for it.`),
      ],
      exitGate: [
        ...GATED.map((stage) => noBlocker(stage, findings, { target: input.target, namespaces })),
        {
          id: 'owners',
          text: 'Every namespace of the plan has a person who may stop a stage, and every exception an owner.',
        },
        { id: 'baseline', text: 'Error ratio, latency and restarts of each workload are recorded for a week.' },
      ],
    },
    'ready',
  );
}

interface Checked {
  /** Sorted by the stage at which they hurt first, then as the checks sort them. */
  readonly findings: readonly Finding[];
  readonly notAssessed: readonly NotAssessed[];
}

/** How many blockers and high findings the checks have at the workload's own object. */
export function findingsAt({ input }: Planning, { object, namespace, name }: Workload): number {
  const counts = derivedFrom(derivedFrom(input, checkAll).findings, countGrave);
  return counts.get(formatRef({ kind: kindOf(object), namespace, name })) ?? 0;
}

function countGrave(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { severity, object } of findings) {
    if (severity !== 'blocker' && severity !== 'high') continue;
    const key = formatRef(object);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function checkAll({ world, graph, target }: RolloutInput): ReturnType<typeof runChecks> {
  // They look at worlds of their own with every call in them, which nobody needs after the report.
  return runChecks({ world: apart(world), graph, target });
}

/** What the checks say of the plan's namespaces, and of what lies in no namespace. */
function checked({ input }: Planning, namespaces: readonly string[]): Checked {
  const { findings, notAssessed } = derivedFrom(input, checkAll);
  const lies = ({ kind, namespace, name }: ObjectRef): boolean => {
    const home = kind === KIND.namespace ? name : namespace;
    return home === undefined || namespaces.includes(home);
  };
  const rank = (finding: Finding): string => String(STAGES.indexOf(stageOf(finding) ?? 'day2'));
  return {
    findings: findings
      .filter((finding) => stageOf(finding) !== undefined && lies(finding.object))
      .sort(compareBy(rank)),
    notAssessed: notAssessed.filter(({ objects }) => objects.length === 0 || objects.some(lies)),
  };
}

/** The first stage of a rollout at which the finding hurts; undefined for one that hurts only later. */
function stageOf({ stages }: Finding): CheckStage | undefined {
  return STAGES.find((stage) => stages.includes(stage));
}

function findingNotes(findings: readonly Finding[]): readonly string[] {
  if (findings.length === 0) return ['The checks found nothing in the namespaces of the plan.'];
  const counts = SEVERITIES.map(
    (severity) => `${String(findings.filter((finding) => finding.severity === severity).length)} ${severity}`,
  );
  const more = findings.length - FINDINGS_SHOWN;
  return [
    `The checks found in the namespaces of the plan: ${counts.join(', ')}. Later stages stop at these, leave workloads out or keep ports open for them; what is mended first needs none of that.`,
    ...findings.slice(0, FINDINGS_SHOWN).map(findingNote),
    ...(more > 0 ? [`And ${String(more)} findings more: meshwise check lists them all.`] : []),
  ];
}

function findingNote(finding: Finding): string {
  const { severity, object, message, remedy, check } = finding;
  const where = `${severity}, stage ${stageOf(finding) ?? ''}: ${formatRef(object)}`;
  return `${where}: ${asSentence(message)} Remedy: ${asSentence(remedy.text)} See: meshwise explain ${check}`;
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function of(objects: readonly ObjectRef[]): string {
  if (objects.length === 0) return '';
  const more = objects.length > 3 ? ` and ${String(objects.length - 3)} more` : '';
  return ` for ${objects.slice(0, 3).map(formatRef).join(', ')}${more}`;
}

interface Given {
  readonly target: Target;
  readonly namespaces: readonly string[];
}

/** The condition that the worst findings of a stage are gone, with those that are open now. */
function noBlocker(stage: CheckStage, findings: readonly Finding[], { target, namespaces }: Given): Condition {
  const open = findings.filter(({ severity, stages }) => severity === 'blocker' && stages.includes(stage));
  const names = open.slice(0, SHOWN).map(({ check, object }) => `${check} at ${formatRef(object)}`);
  const more = open.length > SHOWN ? ` and ${String(open.length - SHOWN)} more` : '';
  const now = open.length === 0 ? '' : ` Open now: ${names.join(', ')}${more}.`;
  return {
    id: `no-blocker-${stage}`,
    text: `No blocker of stage ${stage} is open, except where the stage that meets it mends it or is not applied.${now}`,
    command: ['meshwise', 'check', '--target', target, '--stage', stage, '--fail-on', 'blocker'],
    state: { check: 'no-blocker', stage, namespaces },
  };
}
