import type { ObjectRef } from '../../../src/domain/kubernetes/object.ts';
import { kindOf } from '../../../src/domain/kubernetes/object.ts';
import type { Stage } from '../../../src/domain/rollout/plan.ts';
import { asList, asObject, at, type JsonObject } from '../../../src/lib/json.ts';
import { pathOfRef } from './paths.ts';
import type { Player } from './stage-player.ts';

/** The fields that a stage sets and the server does not hold so, each as a line. */
export async function fieldsNotThere(player: Player, stage: Stage): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const step of stage.steps) {
    const wanted = step.step === 'apply' ? step.manifest : step.step === 'patch' ? step.patch : undefined;
    if (wanted === undefined) continue;
    const ref = step.step === 'patch' ? step.target : step.step === 'apply' ? refOf(step.manifest) : undefined;
    if (ref === undefined) continue;
    const { status, body } = await player.cluster.kube.send('GET', pathOfRef(player.paths, ref));
    const name = `${ref.kind} ${ref.namespace ?? ''}/${ref.name}`;
    if (status === 200) missing.push(...lacking(wanted, body, name));
    else missing.push(`${name} is not there: ${String(status)}`);
  }
  return missing;
}

/** What the objects that a stage touches hold now, without what the server itself writes; undefined where there is none. */
export async function stateOfTouched(player: Player, stage: Stage): Promise<Readonly<Record<string, unknown>>> {
  const refs = stage.steps.flatMap((step): ObjectRef[] => {
    if (step.step === 'apply') return [refOf(step.manifest)];
    return step.step === 'patch' || step.step === 'delete' ? [step.target] : [];
  });
  const states = new Map<string, unknown>();
  for (const ref of refs) {
    const { status, body } = await player.cluster.kube.send('GET', pathOfRef(player.paths, ref));
    const key = `${ref.kind} ${ref.namespace ?? ''}/${ref.name}`;
    states.set(key, status === 200 ? withoutOptOut(withoutServers(body)) : undefined);
  }
  return Object.fromEntries(states);
}

const SERVERS_OWN = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'managedFields'];

function withoutServers(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  const metadata = Object.entries(asObject(rest['metadata']) ?? {}).filter(([key]) => !SERVERS_OWN.includes(key));
  return { ...rest, metadata: Object.fromEntries(metadata.filter(([, value]) => !isEmpty(value))) };
}

function isEmpty(value: unknown): boolean {
  const object = asObject(value);
  return object !== undefined && Object.keys(object).length === 0;
}

/** A rollback leaves pods opted out on purpose, because a label that is only left out may be kept by somebody. */
const OPT_OUTS: readonly (readonly [string, string])[] = [
  ['sidecar.istio.io/inject', 'false'],
  ['istio.io/dataplane-mode', 'none'],
  ['linkerd.io/inject', 'disabled'],
];

function withoutOptOut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOptOut);
  const object = asObject(value);
  if (object === undefined) return value;
  const kept = Object.entries(object).filter(
    ([key, own]) => !OPT_OUTS.some(([name, says]) => key === name && own === says),
  );
  return Object.fromEntries(
    kept
      .map(([key, own]): [string, unknown] => [key, withoutOptOut(own)])
      .filter(([key, own]) => !((key === 'labels' || key === 'annotations') && isEmpty(own))),
  );
}

/** Lists are held as a whole, but for those that the server completes item by item. */
function lacking(wanted: unknown, found: unknown, where: string): readonly string[] {
  const object = asObject(wanted);
  if (object !== undefined) {
    return Object.entries(object).flatMap(([key, value]) => lacking(value, at(found, key), `${where} ${key}`));
  }
  if (Array.isArray(wanted)) {
    const items = asList(found);
    if (items.length !== wanted.length)
      return [`${where}: ${String(items.length)} items instead of ${String(wanted.length)}`];
    return wanted.flatMap((value: unknown, index) => lacking(value, items[index], `${where}[${String(index)}]`));
  }
  if (wanted === null) return found === undefined || found === null ? [] : [`${where} is still there`];
  return wanted === found ? [] : [`${where}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`];
}

function refOf(manifest: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): ObjectRef {
  const { namespace, name } = manifest.metadata;
  return { kind: kindOf(manifest), name, ...(namespace === undefined ? {} : { namespace }) };
}
