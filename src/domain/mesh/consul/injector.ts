import { KIND } from '../../kubernetes/kinds.ts';
import { known, unknown, type Fact } from '../../world/fact.ts';
import type { Container } from '../../world/pod-shape.ts';
import { workloadsOf } from '../../world/workloads-of.ts';
import type { World } from '../../world/world.ts';
import { derivedFrom } from '../../world/derived.ts';
import { imageName } from '../recognised/signature.ts';

/** What Consul's injector was started with. A flag that is not written has a default that differs by version. */
export interface InjectorSettings {
  readonly defaultInject: boolean | undefined;
  readonly defaultTransparentProxy: boolean | undefined;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** The settings of the one injector; unknown where none, or several that differ, were read. */
export function injectorSettings(world: World): Fact<InjectorSettings> {
  return derivedFrom(world, readSettings);
}

function readSettings(world: World): Fact<InjectorSettings> {
  const containers = workloadsOf(world)
    .flatMap(({ template }) => template.containers)
    .filter(({ name, image }) => name === 'sidecar-injector' && imageName(image).startsWith('consul-k8s'));
  const [first, second] = containers;
  if (first === undefined) return unknown(world.list(KIND.deployment).gap ?? "Consul's injector is not here");
  if (second !== undefined) return unknown('there is more than one injector of Consul');
  if (first.args.length === 0) return unknown("the flags of Consul's injector were not read");
  return known(settingsOf(first));
}

function settingsOf({ args }: Container): InjectorSettings {
  const values = (flag: string): readonly string[] =>
    args.filter((arg) => arg.startsWith(`-${flag}=`)).map((arg) => arg.slice(flag.length + 2));
  return {
    defaultInject: parseBool(values('default-inject').at(-1)),
    defaultTransparentProxy: parseBool(values('default-enable-transparent-proxy').at(-1)),
    allow: values('allow-k8s-namespace'),
    deny: values('deny-k8s-namespace'),
  };
}

/** As Go's strconv.ParseBool reads it; undefined for what that refuses. */
export function parseBool(text: string | undefined): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text ?? '')) return true;
  return /^(0|f|F|FALSE|false|False)$/.test(text ?? '') ? false : undefined;
}
