import type { CohortRow } from '../domain/inventory/cohort-row.ts';
import type { WorkloadStory } from '../domain/inventory/workload-story.ts';
import { formatRef } from '../domain/kubernetes/object.ts';
import type { Detection, Enrolment } from '../domain/mesh/mesh.ts';
import type { Evidence } from '../domain/world/evidence.ts';
import { basisLine, type ResultHead } from '../domain/world/result-head.ts';
import { formatWorkload } from '../domain/world/workload.ts';
import type { Document, Item, Part, Tone } from './document.ts';
import { meshStateWords } from './inventory-lines.ts';
import { storyCallItems } from './story-calls.ts';
import { countOf, evidenceWords } from './words.ts';

/** One workload's whole story as a document that every format can show. */
export function storyDocument(story: ResultHead & WorkloadStory, { wide }: { readonly wide: boolean }): Document {
  const { workload, unknown } = story;
  return {
    title: formatWorkload(workload),
    first: basisLine(story, story.cluster),
    parts: [
      { part: 'text', text: `${formatWorkload(workload)}: ${workload.state}`, tone: toneOf(workload.state) },
      { part: 'text', text: sentence(workload.stateReason) },
      { part: 'list', items: identity(story) },
      ...section('what stands before its pods', cohorts(story)),
      ...section('what each mesh would do with its next pods', enrolments(story)),
      ...section('ports', ports(story)),
      ...section('authorization', authorization(story)),
      ...section('who calls it', storyCallItems(story.callers, 'from', wide)),
      ...section('whom it calls', storyCallItems(story.callees, 'to', wide)),
      ...section('also over its pods', story.surroundings.map(evidenceItem)),
      ...section(
        'not known',
        unknown.map(({ about, reason, howToKnow }) => ({
          text: `${about}: ${reason}`,
          tone: 'warn' as const,
          items: howToKnow === undefined ? [] : [{ text: howToKnow }],
        })),
      ),
    ],
  };
}

function identity({ workload, replicas, labels, schedule, services }: WorkloadStory): readonly Item[] {
  const { pods, serviceAccount, managedBy } = workload;
  const live = pods.known ? countOf(pods.value, 'live pod') : `live pods unknown: ${pods.reason}`;
  const asked = replicas.known ? `, ${String(replicas.value)} asked for` : '';
  const names = services.map(({ name, type, headless }) => `${name} (${headless ? 'headless' : type})`);
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    { text: `${live}${asked}` },
    { text: `service account ${workload.namespace}/${serviceAccount}` },
    { text: `labels of its pods: ${pairs.length === 0 ? 'none' : pairs.join(', ')}` },
    { text: `services before it: ${names.length === 0 ? 'none' : names.join(', ')}` },
    ...(schedule === undefined ? [] : [{ text: `runs at ${schedule}` }]),
    ...(managedBy === undefined ? [] : [{ text: `written by ${managedBy}` }]),
  ];
}

function cohorts({ workload }: WorkloadStory): readonly Item[] {
  const { cohorts: live, next } = workload.dataPlane;
  return [
    ...live.map((row) => cohortItem(`${countOf(row.pods, 'pod')} (${String(row.ready)} ready, as ${row.id})`, row)),
    cohortItem('the next pods', next),
  ];
}

function cohortItem(who: string, row: CohortRow): Item {
  const { mode, mesh, version, revision, captured, reason } = row;
  const proxy = [
    standsBefore(mode, mesh),
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(revision === undefined ? [] : [`revision ${revision}`]),
    ...captureWords(row),
  ];
  const why = captured.known || captured.reason === reason ? [] : [{ text: captured.reason, tone: 'warn' as const }];
  return { text: `${who}: ${proxy.join(', ')}`, items: [{ text: sentence(reason) }, ...why] };
}

function standsBefore(mode: CohortRow['mode'], mesh: string): string {
  if (mode === 'none') return 'no mesh';
  if (mode !== 'unknown') return `${mode}${mesh === 'none' ? '' : ` of ${mesh}`}`;
  return mesh === 'unknown' || mesh === 'none' ? 'not known' : `not known (perhaps ${mesh})`;
}

function captureWords({ mode, captured }: CohortRow): readonly string[] {
  if (mode !== 'sidecar' && mode !== 'ambient') return [];
  if (!captured.known) return ['whether it takes their traffic is not known'];
  return [captured.value ? 'takes their traffic' : 'takes none of their traffic'];
}

function enrolments({ workload, meshes, namespaceEnrolment }: WorkloadStory): readonly Item[] {
  const answers = Object.entries(workload.enrolment);
  if (answers.length === 0) return [{ text: 'nothing: no mesh is here' }];
  const detected = (mesh: string): Detection | undefined => meshes.find((each) => each.mesh === mesh);
  const stateOf = (mesh: string): string | undefined => {
    const found = detected(mesh);
    return found === undefined ? undefined : meshStateWords(found, [workload]);
  };
  const unseen = answers.filter(([mesh]) => detected(mesh)?.state === 'unknown').map(([mesh]) => mesh);
  const here = answers.filter(([mesh]) => !unseen.includes(mesh));
  return [
    { text: `Namespace ${workload.namespace} ${ASKS[namespaceEnrolment] ?? `asks for it: ${namespaceEnrolment}`}` },
    ...here.map(([mesh, answer]) => enrolmentItem(mesh, answer, stateOf(mesh))),
    ...unseenItem(unseen),
  ];
}

const ASKS: Readonly<Record<string, string>> = {
  none: 'has no label and no annotation that a mesh reads',
  unknown: 'was not read',
};

function unseenItem(meshes: readonly string[]): readonly Item[] {
  if (meshes.length === 0) return [];
  return [{ text: `not known to be here: ${meshes.join(', ')}`, tone: 'warn' }];
}

function enrolmentItem(mesh: string, answer: Enrolment, state: string | undefined): Item {
  const revision = answer.revision === undefined ? '' : ` (revision ${answer.revision})`;
  return {
    text: `${mesh}${state === undefined ? '' : `, ${state}`}: ${answer.decision}${revision}`,
    tone: answer.decision === 'unknown' ? ('warn' as const) : ('plain' as const),
    items: enrolmentWhy(answer),
  };
}

function enrolmentWhy({ reason, evidence }: Enrolment): readonly Item[] {
  const says = evidence.some(({ rule }) => rule === reason);
  return [...(says ? [] : [{ text: sentence(reason) }]), ...evidence.map(evidenceItem)];
}

function ports({ workload }: WorkloadStory): readonly Item[] {
  return workload.ports.map(({ port, name, protocols, services }) => {
    const mode = workload.mtls.ports[String(port)];
    const speaks = protocols.length === 0 ? 'no protocol declared' : `declared ${protocols.join(' and ')}`;
    const behind = services.length === 0 ? 'no Service leads to it' : `behind ${services.join(', ')}`;
    const own = mode === undefined || mode.declared.toLowerCase() === mode.mode ? '' : ` (${mode.declared})`;
    return {
      text: `${String(port)}${name === undefined ? '' : ` ${name}`}: mTLS ${mode?.mode ?? 'unknown'}${own}, ${speaks}, ${behind}`,
      tone: mode?.mode === 'unknown' ? ('warn' as const) : ('plain' as const),
      items: (mode?.source ?? []).map(evidenceItem),
    };
  });
}

function authorization({ workload }: WorkloadStory): readonly Item[] {
  const { default: decision } = workload.authorization;
  const outside = workload.dataPlane.mode === 'none';
  return [
    {
      text: `a call that no policy names: ${decision}${outside ? ', as no mesh stands before the pods' : ''}`,
      tone: decision.includes('unknown') ? 'warn' : 'plain',
    },
    ...attaching(workload.authorization),
  ];
}

function attaching({ policies, notKnown }: WorkloadStory['workload']['authorization']): readonly Item[] {
  const names = policies.map(formatRef).join(', ');
  if (notKnown === undefined) return [{ text: names === '' ? 'no policy attaches' : `policies that attach: ${names}` }];
  const { reason, candidates } = notKnown;
  const found = candidates.map(formatRef).join(', ');
  return [
    ...(names === '' ? [] : [{ text: `policies that surely attach: ${names}` }]),
    {
      text: `which ${names === '' ? '' : 'other '}policies attach is not known`,
      tone: 'warn',
      items: [
        { text: sentence(reason) },
        { text: found === '' ? 'no candidate was read in the namespace' : `candidates in the namespace: ${found}` },
      ],
    },
  ];
}

function evidenceItem(evidence: Evidence): Item {
  return { text: evidenceWords(evidence) };
}

function section(title: string, items: readonly Item[]): readonly Part[] {
  return items.length === 0
    ? []
    : [
        { part: 'heading', text: title },
        { part: 'list', items },
      ];
}

function toneOf(state: WorkloadStory['workload']['state']): Tone {
  if (state === 'enrolled') return 'good';
  return state === 'none' ? 'plain' : 'warn';
}

/** Reasons are clauses; as a line of its own one begins with a capital and ends with a full stop. */
function sentence(clause: string): string {
  const whole = /[.!?]$/.test(clause) ? clause : `${clause}.`;
  return /^[a-z]+ /.test(whole) ? whole.slice(0, 1).toUpperCase() + whole.slice(1) : whole;
}
