import { usageError } from '../../lib/errors.ts';
import { asList, asText, at, type JsonObject } from '../../lib/json.ts';
import { sortedUnique } from '../../lib/order.ts';
import { KIND } from '../kubernetes/kinds.ts';
import { refOf, type KubeObject } from '../kubernetes/object.ts';
import { controlPlanes } from '../mesh/istio/control-plane.ts';
import { meshSettings } from '../mesh/istio/mesh-settings.ts';
import { parsePeerAuthentication } from '../mesh/istio/mtls/peer-authentication.ts';
import type { Step } from '../world/step.ts';
import type { World } from '../world/world.ts';
import type { AssumedSteps } from './assumption.ts';

const STRICT = { mtls: { mode: 'STRICT' } };

/**
 * STRICT everywhere: mesh-wide, and in each PeerAuthentication that says anything else, because the most specific one
 * decides and not the strictest (istio pilot/pkg/security/authn/policy_applier.go#ComposePeerAuthentication).
 */
export function strictIstio(world: World): AssumedSteps {
  const policies = world.list(KIND.peerAuthentication).objects;
  const weaker = policies.filter(isWeaker);
  const roots = rootNamespaces(world);
  const missing = roots.filter((namespace) => !policies.some((policy) => holdsFor(policy, namespace)));
  const created = missing.map((namespace) => planned(world, { kind: 'PeerAuthentication', spec: STRICT }, namespace));
  return {
    steps: [...created, ...weaker.map(toStrict)],
    notes: [
      `mutual TLS is demanded mesh-wide (PeerAuthentication in ${roots.join(', ')})` +
        (weaker.length === 0 ? '' : ` and by each PeerAuthentication that says something else (${named(weaker)})`),
    ],
  };
}

/**
 * An AuthorizationPolicy without a rule in the root namespace: it denies what no ALLOW rule admits, and a workload with
 * ALLOW policies of its own is let in by those as before.
 * Source: https://istio.io/latest/docs/concepts/security/#implicit-enablement.
 */
export function denyAllIstio(world: World): AssumedSteps {
  const roots = rootNamespaces(world);
  const allowing = world.list(KIND.authorizationPolicy).objects.filter(isAllow);
  return {
    steps: roots.map((namespace) => planned(world, { kind: 'AuthorizationPolicy', spec: {} }, namespace)),
    notes: [
      `an AuthorizationPolicy without a rule denies everything mesh-wide (in ${roots.join(', ')})`,
      ...(allowing.length === 0
        ? []
        : [`workloads with ALLOW policies still let in whom these name (${named(allowing)})`]),
    ],
  };
}

/** The root namespaces of all control planes, sorted. Throws a usage error where one is not known. */
function rootNamespaces(world: World): readonly string[] {
  const revisions = controlPlanes(world).map(({ revision }) => revision);
  const settings = (revisions.length === 0 ? ['default'] : revisions).map((revision) => meshSettings(world, revision));
  return sortedUnique(
    settings.map((found) => {
      if (found.known) return found.value.rootNamespace;
      throw usageError(
        'root-namespace-not-known',
        `the root namespace of Istio is not known: ${found.reason}`,
        'read the ConfigMap istio of the control plane too, or lay your own policies over the world with --overlay',
      );
    }),
  );
}

interface Planned {
  readonly kind: 'PeerAuthentication' | 'AuthorizationPolicy';
  readonly spec: JsonObject;
}

function planned(world: World, { kind, spec }: Planned, namespace: string): Step {
  const isFree = (name: string): boolean =>
    world.get({ kind: `security.istio.io/${kind}`, namespace, name }) === undefined;
  const base = kind === 'PeerAuthentication' ? 'default' : 'deny-all';
  const name = [base, `${base}-assumed`].find(isFree) ?? `${base}-assumed-by-meshwise`;
  const apiVersion = 'security.istio.io/v1';
  return { step: 'apply', manifest: { apiVersion, kind, metadata: { name, namespace }, spec } };
}

/** A policy that is labelled for one revision leaves the others as they are. */
function holdsFor(policy: KubeObject, namespace: string): boolean {
  const { metadata } = policy;
  const isForAll = metadata.labels['istio.io/rev'] === undefined;
  return isForAll && metadata.namespace === namespace && !parsePeerAuthentication(policy).hasSelector;
}

function isWeaker(policy: KubeObject): boolean {
  const { mode, portModes } = parsePeerAuthentication(policy);
  return mode !== 'STRICT' || Object.values(portModes).some((ofPort) => ofPort !== 'STRICT');
}

function toStrict(policy: KubeObject): Step {
  return {
    step: 'patch',
    target: refOf(policy),
    patch: { spec: { ...STRICT, portLevelMtls: null } },
    why: 'assumed to demand mutual TLS',
  };
}

function isAllow({ spec }: KubeObject): boolean {
  const isAllowing = (asText(at(spec, 'action')) ?? 'ALLOW') === 'ALLOW';
  return isAllowing && asList(at(spec, 'rules')).length > 0;
}

const FEW = 3;

function named(objects: readonly KubeObject[]): string {
  const names = objects.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);
  const more = names.length - FEW;
  return more <= 0 ? names.join(', ') : `${names.slice(0, FEW).join(', ')} and ${String(more)} more`;
}
