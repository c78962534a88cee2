import { compareText, sortedUnique } from '../../../lib/order.ts';
import type { KubeObject } from '../../kubernetes/object.ts';
import type { CoverageEntry } from '../coverage.ts';
import type { WorldReading } from '../world-reading.ts';
import { numberSources } from './call-sources.ts';
import { hidingAddresses } from './hide-addresses.ts';
import { pseudonymsFor, type Pseudonym, type WordsFound } from './pseudonyms.ts';
import { renamePort, renameText, wordsIn } from './rename-text.ts';
import { visitTexts, type Visit } from './walk.ts';

const START = /([A-Za-z]+)\*/g;
const END = /\*([A-Za-z]+)/g;

/** A reading with the calls that came with it, file by file. */
type ReadingWith<C> = WorldReading & { readonly calls?: readonly C[] };

/**
 * The reading with pseudonyms for the names of namespaces, workloads, services, accounts, hosts and label values,
 * wherever they stand: in selectors, policies, annotations, variables, calls and texts. A name is replaced word by word,
 * so that hosts, identities and names of pods go on being made of the names that they are made of. Kubernetes' and the
 * meshes' own words, protocols, numbers and images' own names stay. The same reading gives the same pseudonyms.
 */
export function hideNames<C>(reading: ReadingWith<C>): ReadingWith<C> {
  const pseudonym = pseudonymOf(reading);
  const files = fileNames(reading);
  const inProse = (text: string): string => renameText(replaceFiles(text, files), pseudonym);
  const { objects, coverage, calls, setAside, gaps, warnings, basis, asOf, kubernetesVersion } = reading;
  return {
    basis,
    asOf,
    kubernetesVersion,
    cluster: 'cluster',
    objects: objects.map((object) => renameObject(object, pseudonym, files)).sort(byIdentity),
    coverage: coverage.map((entry) => renameEntry(entry, pseudonym, inProse)),
    setAside: setAside.map((one) => ({ ...one, file: files.get(one.file) ?? 'file', reason: inProse(one.reason) })),
    gaps: gaps.map(inProse),
    warnings: warnings.map(inProse),
    ...(calls === undefined
      ? {}
      : { calls: numberSources(calls).map((file) => visitTexts(file, hidingAddresses(renaming(pseudonym))) as C) }),
  };
}

/** The pseudonym that each word has in the reading with its names hidden. */
export function pseudonymOf(reading: ReadingWith<unknown>): Pseudonym {
  return pseudonymsFor(wordsOf(reading));
}

function wordsOf(reading: ReadingWith<unknown>): WordsFound {
  const found = {
    naming: new Set<string>(),
    all: new Set<string>(),
    starts: new Set<string>(),
    ends: new Set<string>(),
    sorted: new Set(reading.objects.filter(isOfGroup).flatMap(nameWords)),
  };
  const collect: Visit = (text, role) => {
    if (role === 'fixed') return text;
    for (const word of wordsIn(text)) {
      found.all.add(word);
      if (role === 'name') found.naming.add(word);
    }
    if (text.includes('*')) {
      for (const [, word = ''] of text.matchAll(START)) found.starts.add(word.toLowerCase());
      for (const [, word = ''] of text.matchAll(END)) found.ends.add(word.toLowerCase());
    }
    return text;
  };
  for (const { origin: _origin, ...object } of reading.objects) visitTexts(object, collect);
  for (const file of numberSources(reading.calls ?? [])) visitTexts(file, collect);
  for (const { kind, namespaces = [], names = [] } of reading.coverage) {
    for (const text of [kind.slice(0, kind.lastIndexOf('/') + 1), ...namespaces, ...names]) collect(text, 'name');
  }
  for (const text of [...reading.warnings, ...reading.gaps]) collect(text, 'text');
  collect(reading.cluster, 'name');
  return found;
}

/** Kinds with an API group of their own: among them are those of which the first by name counts. */
function isOfGroup({ apiVersion }: KubeObject): boolean {
  return apiVersion.slice(0, apiVersion.indexOf('/') + 1).includes('.');
}

function nameWords({ metadata }: KubeObject): readonly string[] {
  return wordsIn(`${metadata.namespace ?? ''} ${metadata.name}`);
}

function renameObject(
  { origin, ...object }: KubeObject,
  pseudonym: Pseudonym,
  files: ReadonlyMap<string, string>,
): KubeObject {
  const renamed = visitTexts(object, renaming(pseudonym)) as Omit<KubeObject, 'origin'>;
  const file = origin.from === 'read' && origin.file !== undefined ? { file: files.get(origin.file) ?? 'file' } : {};
  return { ...renamed, origin: { ...origin, ...file } } as KubeObject;
}

function renaming(pseudonym: Pseudonym): Visit {
  return (text, role) => {
    if (role === 'port') return renamePort(text, pseudonym);
    return role === 'fixed' ? text : renameText(text, pseudonym);
  };
}

function renameEntry(entry: CoverageEntry, pseudonym: Pseudonym, inProse: (text: string) => string): CoverageEntry {
  const { kind, reason, namespaces, names, ...rest } = entry;
  const slash = kind.lastIndexOf('/') + 1;
  const rename = (text: string): string => renameText(text, pseudonym);
  return {
    ...rest,
    kind: rename(kind.slice(0, slash)) + kind.slice(slash),
    ...(reason === undefined ? {} : { reason: inProse(reason) }),
    ...(namespaces === undefined ? {} : { namespaces: sortedUnique(namespaces.map(rename)) }),
    ...(names === undefined ? {} : { names: sortedUnique(names.map(rename)) }),
  };
}

/** Paths tell people and customers, so files are numbered in their order. */
function fileNames({ objects, setAside }: WorldReading): ReadonlyMap<string, string> {
  const ofObjects = objects.flatMap(({ origin }) => (origin.from === 'read' ? (origin.file ?? []) : []));
  const files = sortedUnique([...ofObjects, ...setAside.map(({ file }) => file)]);
  return new Map(files.map((file, index) => [file, `file-${String(index + 1)}`]));
}

function replaceFiles(text: string, files: ReadonlyMap<string, string>): string {
  let replaced = text;
  for (const [file, name] of [...files].sort(([left], [right]) => right.length - left.length)) {
    replaced = replaced.replaceAll(file, () => name);
  }
  return replaced;
}

function byIdentity(left: KubeObject, right: KubeObject): number {
  return compareText(identity(left), identity(right));
}

function identity({ kind, metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''} ${kind} ${metadata.name}`;
}
