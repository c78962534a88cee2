import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { kindOf, type ObjectRef } from '../../../src/domain/kubernetes/object.ts';
import type { Stage } from '../../../src/domain/rollout/plan.ts';
import type { DeleteStep, ExternalStep, PatchStep, Step } from '../../../src/domain/world/step.ts';
import { asObject, asText, at, type JsonObject } from '../../../src/lib/json.ts';
import type { Cluster } from '../support/cluster.ts';
import { run } from '../support/run.ts';
import type { Controllers } from './controllers.ts';
import { pathOfRef, type Paths } from './paths.ts';

type Change = NonNullable<ExternalStep['expectChanges']>[number];

/** Kinds that nobody answers here and that would refuse what is created: they are laid over what is read instead. */
const WEBHOOKS: readonly string[] = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];

/** What plays a plan on a cluster: people with kubectl, owners with their patches, Helm, and the controllers. */
export interface Player {
  readonly cluster: Cluster;
  readonly paths: Paths;
  readonly controllers: Controllers;
  /** The folder of the bundle. */
  readonly bundle: string;
  /** Webhooks that Helm brought, for whoever reads the cluster. */
  readonly brought: JsonObject[];
  /** Workloads that Helm brought, as `namespace/Deployment/name`: the simulation knows their templates only. */
  readonly installed: Set<string>;
}

/** Carries out a stage as its page says: what others own first, then `kubectl apply -k` without force, then restarts. */
export async function playStage(player: Player, stage: Stage, folder: string): Promise<void> {
  for (const step of stage.steps) if (step.step === 'external') await playHelm(player, step);
  if (existsSync(path.join(player.bundle, folder, 'kustomization.yaml'))) await applyFolder(player, folder);
  for (const step of stage.steps) {
    if (step.step === 'patch') await playPatch(player, step);
    if (step.step === 'delete') await playDelete(player, step);
  }
  await settle(player, stage.steps);
}

/** Carries out some of a stage's steps, each by itself instead of a folder at once. */
export async function playSome(player: Player, { steps }: Stage): Promise<void> {
  for (const step of steps) if (step.step === 'external') await playHelm(player, step);
  const manifests = steps.flatMap((step) => (step.step === 'apply' ? [step.manifest] : []));
  if (manifests.length > 0) {
    const file = path.join(player.cluster.folder, 'some.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
    await applyFrom(player, ['-f', file]);
  }
  for (const step of steps) {
    if (step.step === 'patch') await playPatch(player, step);
    if (step.step === 'delete') await playDelete(player, step);
  }
  await settle(player, steps);
}

/** Undoes a stage by the typed steps of its rollback, in their order. */
export async function playRollback(player: Player, stage: Stage): Promise<void> {
  const folder = path.join('rollback', stage.id, 'apply');
  const applies = existsSync(path.join(player.bundle, folder, 'kustomization.yaml'));
  if (applies) await applyFolder(player, folder);
  const applied = new Set(stage.steps.flatMap((step) => (step.step === 'apply' ? [keyOfApplied(step.manifest)] : [])));
  for (const step of stage.rollback.steps) {
    if (step.step === 'delete') await playDelete(player, step);
    const isOwnApply = step.step === 'patch' && applies && applied.has(keyOfRef(step.target));
    if (step.step === 'patch' && (!isOwnApply || step.target.kind === 'Namespace')) await playPatch(player, step);
  }
  await settle(player, stage.rollback.steps);
}

/** Takes away what a rollback left on templates, as its page says before a stage is applied again. */
export async function takeOptOutsAway(player: Player, stage: Stage): Promise<void> {
  for (const step of stage.rollback.steps) {
    if (step.step !== 'patch' || step.target.kind === 'Namespace') continue;
    const patch = onlyOptOuts(step.patch);
    if (patch !== undefined) await playPatch(player, { ...step, patch });
  }
}

const OPT_OUTS: Readonly<Record<string, string>> = {
  'sidecar.istio.io/inject': 'false',
  'istio.io/dataplane-mode': 'none',
  'linkerd.io/inject': 'disabled',
};

/** The same patch with nothing in it but opt-outs, as nulls; undefined where there are none. */
function onlyOptOuts(value: JsonObject): JsonObject | undefined {
  const kept = Object.entries(value).flatMap(([key, own]): [string, unknown][] => {
    if (own !== undefined && OPT_OUTS[key] === own) return [[key, null]];
    const inner = asObject(own);
    const below = inner === undefined ? undefined : onlyOptOuts(inner);
    return below === undefined ? [] : [[key, below]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

async function settle({ controllers }: Player, steps: readonly Step[]): Promise<void> {
  const remade = new Set<string>();
  for (const step of steps) {
    const target = step.step === 'restart' ? step.workload : step.step === 'patch' ? step.target : undefined;
    if (target === undefined || !/^apps\/(Deployment|StatefulSet|DaemonSet)$/.test(target.kind)) continue;
    const key = `${target.kind} ${target.namespace ?? ''}/${target.name}`;
    if (remade.has(key)) continue;
    remade.add(key);
    await controllers.remakePods(target);
  }
  const labelled = steps.flatMap((step) =>
    step.step === 'patch' && step.target.kind === 'Namespace' ? [step.target.name] : [],
  );
  for (const namespace of new Set(labelled)) await controllers.captureAgain(namespace);
}

function applyFolder(player: Player, folder: string): Promise<void> {
  return applyFrom(player, ['-k', path.join(player.bundle, folder)]);
}

async function applyFrom({ cluster }: Player, from: readonly string[]): Promise<void> {
  const args = ['kubectl', '--kubeconfig', cluster.kubeconfig, 'apply', '--server-side', ...from];
  const ended = await run(cluster.program, args);
  if (ended.status !== 0) throw new Error(`${from.join(' ')}: ${ended.stderr.slice(0, 2000)}`);
}

/** What Helm would create, by a manager of its own. */
async function playHelm(player: Player, { expect: expected, expectChanges }: ExternalStep): Promise<void> {
  for (const change of expectChanges ?? []) await playUpgrade(player, change);
  const { cluster, paths, brought, controllers, installed } = player;
  for (const object of expected) {
    const { origin: _origin, decoded, ...rest } = object as unknown as JsonObject;
    const body = decoded === undefined ? rest : { ...rest, ...encoded(decoded) };
    if (WEBHOOKS.includes(object.kind)) {
      brought.push(body);
      continue;
    }
    const { namespace, name } = object.metadata;
    if (namespace !== undefined) await ensureNamespace(cluster, namespace);
    const ref = { kind: kindOf(object), name, ...(namespace === undefined ? {} : { namespace }) };
    await cluster.kube.apply(pathOfRef(paths, ref), body);
    if (!/^apps\/(Deployment|DaemonSet)$/.test(ref.kind)) continue;
    await ensureAccount(cluster, namespace ?? '', asText(at(object.spec, 'template', 'spec', 'serviceAccountName')));
    await controllers.remakePods(ref);
    installed.add(`${namespace ?? ''}/${object.kind}/${name}`);
  }
}

async function ensureNamespace({ kube }: Cluster, name: string): Promise<void> {
  await kube.send('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** What an upgrade changes in an object that is there; the text of a ConfigMap is merged as what it says. */
async function playUpgrade(player: Player, { target, fields }: Change): Promise<void> {
  const { cluster, paths, controllers } = player;
  const { decoded, ...rest } = fields;
  const why = 'Helm upgrades';
  if (Object.keys(rest).length > 0) await playPatch(player, { step: 'patch', target, patch: rest, why });
  const texts = Object.entries(asObject(decoded) ?? {});
  if (texts.length > 0) {
    const data = asObject(at(await cluster.kube.get(pathOfRef(paths, target)), 'data')) ?? {};
    const merged = texts.map(([key, value]) => {
      const before = asObject(parseYaml(asText(data[key]) ?? '{}')) ?? {};
      return [key, JSON.stringify(mergedIn(before, asObject(value) ?? {}))] as const;
    });
    await playPatch(player, { step: 'patch', target, patch: { data: Object.fromEntries(merged) }, why });
  }
  if (target.kind === 'apps/Deployment') await controllers.remakePods(target);
}

function mergedIn(before: JsonObject, changes: JsonObject): JsonObject {
  const entries = Object.entries(changes).map(([key, value]): [string, unknown] => {
    const [inner, own] = [asObject(before[key]), asObject(value)];
    return [key, inner !== undefined && own !== undefined ? mergedIn(inner, own) : value];
  });
  return { ...before, ...Object.fromEntries(entries) };
}

/** The chart brings more than what rules look at: the account, among others. */
async function ensureAccount({ kube }: Cluster, namespace: string, name = 'default'): Promise<void> {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } };
  await kube.send('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
}

/** ConfigMaps hold as text what a world holds decoded; the CNI plugin of Linkerd has a form of its own for it. */
function encoded(decoded: unknown): JsonObject {
  const entries = Object.entries(decoded as JsonObject).map(([key, value]): [string, string] => {
    if (key !== 'cni') return [key, JSON.stringify(value)];
    const lists = Object.entries(asObject(value) ?? {}).map(([name, ports]) => [
      name,
      String(ports)
        .split(',')
        .filter((port) => port !== ''),
    ]);
    return ['cni_network_config', JSON.stringify({ linkerd: Object.fromEntries(lists) as JsonObject })];
  });
  return { data: Object.fromEntries(entries) };
}

/** As the owner of the object would, from its own repository. */
async function playPatch({ cluster, paths }: Player, { target, patch }: PatchStep): Promise<void> {
  const type = target.kind.includes('.') ? 'merge' : 'strategic';
  const { plural, apiVersion } = paths.ofKind(target.kind);
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  const where = target.namespace === undefined ? [] : ['-n', target.namespace];
  const named = ['kubectl', '--kubeconfig', cluster.kubeconfig, 'patch', `${plural}${group}`, target.name];
  const ended = await run(cluster.program, [...named, ...where, '--type', type, '--patch', JSON.stringify(patch)]);
  if (ended.status !== 0) throw new Error(`patch of ${target.kind} ${target.name}: ${ended.stderr.slice(0, 2000)}`);
}

async function playDelete({ cluster, paths }: Player, { target }: DeleteStep): Promise<void> {
  const { status, body } = await cluster.kube.send('DELETE', pathOfRef(paths, target));
  if (status !== 200 && status !== 202) {
    throw new Error(`delete of ${target.kind} ${target.name}: ${String(status)} ${asText(at(body, 'message')) ?? ''}`);
  }
}

function keyOfApplied(manifest: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}): string {
  return `${kindOf(manifest)} ${manifest.metadata.namespace ?? ''}/${manifest.metadata.name}`;
}

/** The object as a key of maps. */
export function keyOfRef({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace ?? ''}/${name}`;
}
