import { asBoolean, asList, asNumber, asObject, asText, asTexts, at } from '../../../lib/json.ts';
import { sortedUnique } from '../../../lib/order.ts';
import { KIND } from '../../kubernetes/kinds.ts';
import { whyMissing } from '../../world/coverage.ts';
import { known, mapFact, unknown, type Fact } from '../../world/fact.ts';
import type { Workload } from '../../world/workload.ts';
import type { World } from '../../world/world.ts';
import { versionOfImage } from './recognise.ts';

/** Where settings of one control plane are read: the chart values of its ConfigMap, and its components' arguments. */
export interface SettingSources {
  readonly values: Fact<unknown>;
  readonly components: readonly Workload[];
}

/** The chart values in a control plane's ConfigMap `linkerd-config`; unknown where it was not read or not decoded. */
export function chartValues(world: World, namespace: string): Fact<unknown> {
  const ref = { kind: KIND.configMap, namespace, name: 'linkerd-config' };
  const config = world.get(ref);
  if (config === undefined) return unknown(whyMissing(world.coverage, ref));
  const values = asObject(config.decoded?.['values']);
  return values === undefined
    ? unknown(`values of ConfigMap ${namespace}/linkerd-config cannot be read`)
    : known(values);
}

/**
 * A text of the chart values, checked against the argument that hands it to a component; unknown where neither says
 * it, or the two differ, because the injector reads the one and the controllers the other.
 */
export function textSetting(sources: SettingSources, path: readonly string[], argument?: string): Fact<string> {
  const { values } = sources;
  const written = values.known ? textOf(at(values.value, ...path)) : undefined;
  const given = argument === undefined ? undefined : argumentOf(sources.components, argument);
  const name = path.join('.');
  if (written !== undefined && given !== undefined && written.replaceAll(' ', '') !== given.replaceAll(' ', ''))
    return unknown(`linkerd-config says ${name} "${written}", and a component was given "${given}"`);
  const found = written ?? given;
  if (found !== undefined) return known(found);
  return values.known ? unknown(`linkerd-config does not say ${name}`) : values;
}

/** A text of the chart values whose default is empty; charts that lack it render as if it were. */
export function textOrEmpty(sources: SettingSources, path: readonly string[]): Fact<string> {
  const { values } = sources;
  return values.known && at(values.value, ...path) === undefined ? known('') : textSetting(sources, path);
}

/** A truth value of the chart values; charts that lack it render as if it were false. */
export function truthSetting({ values }: SettingSources, path: readonly string[]): Fact<boolean> {
  return mapFact(values, (all) => asBoolean(at(all, ...path)) ?? at(all, ...path) === 'true');
}

/** CIDRs from which the policy controller takes probes: chart value `policyController.probeNetworks`. */
export function probeNetworksSetting({ values, components }: SettingSources): Fact<readonly string[]> {
  const given = argumentOf(components, 'probe-networks');
  if (given !== undefined) return known(listed(given));
  if (!values.known) return values;
  const written = asTexts(at(values.value, 'policyController', 'probeNetworks'));
  return written.length > 0 ? known(written) : unknown('linkerd-config does not say policyController.probeNetworks');
}

/** `edge-26.8.3`: the tag of the components' images, else what the chart values say. */
export function versionSetting({ values, components }: SettingSources): Fact<string> {
  const tags = components.flatMap(({ template }) =>
    template.containers.flatMap(({ name, image }) => (CONTROLLERS.has(name) ? (versionOfImage(image) ?? []) : [])),
  );
  const versions = sortedUnique(tags);
  if (versions.length > 0) return known(versions.join(', '));
  const written = values.known ? asText(at(values.value, 'linkerdVersion')) : undefined;
  return written === undefined || written === ''
    ? unknown('no image of the control plane names a version')
    : known(written);
}

/** Whether chart values give every proxy more environment. */
export function hasAdditionalEnv(values: unknown): boolean {
  return ['additionalEnv', 'experimentalEnv'].some((key) => asList(at(values, 'proxy', key)).length > 0);
}

/** The entries of a list that commas separate. */
export function listed(list: string): readonly string[] {
  return list
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

const CONTROLLERS = new Set(['destination', 'identity', 'proxy-injector', 'policy', 'public-api']);

function textOf(value: unknown): string | undefined {
  const number = asNumber(value);
  return number === undefined ? asText(value) : String(number);
}

/** The value of `-name=value` or `--name value` among the components' arguments; undefined where two of them differ. */
function argumentOf(components: readonly Workload[], name: string): string | undefined {
  const found = components.flatMap(({ template }) => template.containers.flatMap(({ args }) => valuesIn(args, name)));
  const unique = sortedUnique(found);
  return unique.length === 1 ? unique[0] : undefined;
}

function valuesIn(args: readonly string[], name: string): readonly string[] {
  return args.flatMap((arg, index) => {
    const [, key, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (key !== name) return [];
    return value ?? args[index + 1] ?? [];
  });
}
