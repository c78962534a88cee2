import {
  ACCEPTABLE_TRAPS,
  COEXISTING_MESHES,
  LABEL_KEY,
  LABEL_VALUE,
  NAMESPACE_NAME,
  NAMESPACE_OR_WORKLOAD,
  type Acceptance,
  type AcceptedTrap,
  type Choices,
  type Coexistence,
  type EvidenceWaiver,
  type Exclusion,
  type Freeze,
  type Slo,
  type WaveChoices,
} from '../../domain/rollout/choices.ts';
import {
  booleanAt,
  dateAt,
  listAt,
  numberAt,
  placeAt,
  refusal,
  textAt,
  toPlace,
  toText,
  type NumberRule,
  type Place,
  type TextRule,
} from './config-values.ts';

/** The keys of `plan:` in a meshwise.yaml. */
export const PLAN_SETTINGS: readonly string[] = [
  'owners',
  'freezes',
  'waves',
  'exclude',
  'coexist',
  'slo',
  'labels',
  'annotations',
  'waivers',
  'accepts',
  'traps',
  'splitServiceAccounts',
  'meshWide',
];

const NAMESPACE: TextRule = {
  pattern: NAMESPACE_NAME,
  what: 'name of a namespace',
  hint: 'write it as shop',
};

const NAMED: TextRule = {
  pattern: NAMESPACE_OR_WORKLOAD,
  what: 'namespace or workload',
  hint: 'write it as shop, or as shop/Deployment/cart',
};

const KEY: TextRule = {
  pattern: LABEL_KEY,
  what: 'key that generated objects may carry',
  hint: 'write it as example.com/team; keys by which Kubernetes or a mesh is steered are for the plan alone',
};

const VALUE: TextRule = {
  pattern: LABEL_VALUE,
  what: 'value of a label',
  hint: 'at most 63 letters, digits, dashes, dots and underscores',
};

const SHARE: NumberRule = {
  test: (value) => value > 0 && value <= 1,
  what: 'share',
  hint: 'write a number above 0 and at most 1, as 0.2',
};

const WHOLE: NumberRule = {
  test: (value) => Number.isInteger(value) && value >= 1,
  what: 'whole number',
  hint: 'write a whole number from 1 on',
};

const POSITIVE: NumberRule = { test: (value) => value > 0, what: 'number above 0', hint: 'write it as 250' };

/** What people decided about a rollout, from the `plan` part of a configuration. */
export function readChoices(plan: Place): Choices {
  return {
    owners: textsAt(plan, 'owners', { key: NAMESPACE }),
    freezes: listAt(plan, 'freezes', readFreeze),
    waves: readWaves(plan),
    exclude: listAt(plan, 'exclude', readExclusion),
    coexist: listAt(plan, 'coexist', readCoexistence),
    slo: readSlo(plan),
    labels: textsAt(plan, 'labels', { key: KEY, value: VALUE }),
    annotations: textsAt(plan, 'annotations', { key: KEY }),
    waivers: listAt(plan, 'waivers', readWaiver),
    accepts: listAt(plan, 'accepts', readAcceptance),
    traps: listAt(plan, 'traps', readTrap),
    splitServiceAccounts: booleanAt(plan, 'splitServiceAccounts'),
    meshWide: booleanAt(plan, 'meshWide'),
  };
}

function textsAt(
  plan: Place,
  key: string,
  rules: { readonly key: TextRule; readonly value?: TextRule },
): Readonly<Record<string, string>> {
  const place = placeAt(plan, key, []);
  if (place === undefined) return {};
  return Object.fromEntries(
    Object.entries(place.value).map(([name, value]) => [
      toText(name, place.where, rules.key),
      toText(value, `${place.where}.${name}`, rules.value),
    ]),
  );
}

function readFreeze(value: unknown, where: string): Freeze {
  const freeze = toPlace(value, where, ['from', 'to', 'reason']);
  const [from, to] = [dateAt(freeze, 'from'), dateAt(freeze, 'to')];
  if (Date.parse(from) > endOf(to)) throw refusal(where, 'it ends before it begins', 'let from be before to');
  return { from, to, reason: textAt(freeze, 'reason') };
}

/** A date stands for its whole day in UTC. */
function endOf(time: string): number {
  return time.includes('T') ? Date.parse(time) : Date.parse(`${time}T23:59:59Z`);
}

function readWaves(plan: Place): WaveChoices {
  const waves = placeAt(plan, 'waves', ['maxWorkloads', 'maxTrafficShare', 'first', 'last']);
  if (waves === undefined) return {};
  const maxWorkloads = numberAt(waves, 'maxWorkloads', WHOLE);
  const maxTrafficShare = numberAt(waves, 'maxTrafficShare', SHARE);
  const [first, last] = [namesAt(waves, 'first'), namesAt(waves, 'last')];
  const both = first.find((name) => last.includes(name));
  if (both !== undefined) throw refusal(waves.where, `${both} is first and last`, 'name it once');
  return {
    ...(maxWorkloads === undefined ? {} : { maxWorkloads }),
    ...(maxTrafficShare === undefined ? {} : { maxTrafficShare }),
    ...(waves.value['first'] === undefined ? {} : { first }),
    ...(waves.value['last'] === undefined ? {} : { last }),
  };
}

function namesAt(place: Place, key: string): readonly string[] {
  return listAt(place, key, (name, where) => toText(name, where, NAMESPACE));
}

function readExclusion(value: unknown, where: string): Exclusion {
  const exclusion = toPlace(value, where, ['what', 'reason']);
  return { what: textAt(exclusion, 'what', NAMED), reason: textAt(exclusion, 'reason') };
}

function readCoexistence(value: unknown, where: string): Coexistence {
  const coexistence = toPlace(value, where, ['mesh', 'reason']);
  const named = textAt(coexistence, 'mesh');
  const mesh = COEXISTING_MESHES.find((each) => each === named);
  if (mesh === undefined) {
    throw refusal(
      `${where}.mesh`,
      `"${named}" is no mesh that takes pods`,
      `there are ${COEXISTING_MESHES.join(', ')}`,
    );
  }
  return { mesh, reason: textAt(coexistence, 'reason') };
}

function readSlo(plan: Place): Slo {
  const slo = placeAt(plan, 'slo', ['errorRatio', 'p99Milliseconds']);
  if (slo === undefined) return {};
  const errorRatio = numberAt(slo, 'errorRatio', SHARE);
  const p99Milliseconds = numberAt(slo, 'p99Milliseconds', POSITIVE);
  return {
    ...(errorRatio === undefined ? {} : { errorRatio }),
    ...(p99Milliseconds === undefined ? {} : { p99Milliseconds }),
  };
}

function readWaiver(value: unknown, where: string): EvidenceWaiver {
  const waiver = toPlace(value, where, ['what', 'reason', 'owner', 'expires']);
  return { what: textAt(waiver, 'what', NAMED), ...word(waiver) };
}

function readAcceptance(value: unknown, where: string): Acceptance {
  const accepted = toPlace(value, where, ['stage', 'opens', 'reason', 'owner', 'expires']);
  return { stage: textAt(accepted, 'stage'), opens: textAt(accepted, 'opens'), ...word(accepted) };
}

function readTrap(value: unknown, where: string): AcceptedTrap {
  const accepted = toPlace(value, where, ['trap', 'what', 'reason', 'owner', 'expires']);
  const named = textAt(accepted, 'trap');
  const trap = ACCEPTABLE_TRAPS.find((each) => each === named);
  if (trap === undefined) {
    throw refusal(
      `${where}.trap`,
      `"${named}" is no trap that can be accepted`,
      `there are ${ACCEPTABLE_TRAPS.join(', ')}`,
    );
  }
  return { trap, what: textAt(accepted, 'what', NAMED), ...word(accepted) };
}

/** Without an end nobody looks at it again. */
function word(place: Place): Pick<EvidenceWaiver, 'reason' | 'owner' | 'expires'> {
  return { reason: textAt(place, 'reason'), owner: textAt(place, 'owner'), expires: dateAt(place, 'expires') };
}
