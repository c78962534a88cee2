import type { Evidence } from '../../../world/evidence.ts';
import { known, unknown, type Fact } from '../../../world/fact.ts';
import { sortedUnique } from '../../../../lib/order.ts';
import { nameThem, type DeclaredMode, type MtlsMode, type PeerAuthentication } from './peer-authentication.ts';
import {
  choicesIn,
  policyLevels,
  rivalry,
  type IgnoredPolicy,
  type PolicyChoice,
  type PolicyLevels,
  type PolicyTarget,
} from './policy-levels.ts';

/** A mode with the policy that sets it; without an object where Istio's default applies. */
export interface DecidedMode {
  readonly mode: Fact<MtlsMode>;
  readonly decidedBy: Evidence;
}

/** What PeerAuthentication makes of a workload. */
export interface EffectiveMtls extends DecidedMode {
  /** By container port, for the ports that the deciding policy names; all other ports have the workload's mode. */
  readonly ports: Readonly<Record<string, DecidedMode>>;
  readonly levels: Omit<PolicyLevels, 'ignored'>;
  readonly ignored: readonly IgnoredPolicy[];
}

/** What the effective mode is composed from. Policies that istiod does not read must be left out. */
export interface EffectiveModeInput {
  readonly policies: readonly PeerAuthentication[];
  readonly workload: PolicyTarget;
  readonly rootNamespace: string;
  /** Why there may be more policies than these; everything is then unknown. */
  readonly gap?: string;
}

const SOURCE = 'istio pilot/pkg/security/authn/policy_applier.go#ComposePeerAuthentication';

/**
 * The mode of a workload and of its ports: the most specific level that sets a mode wins, not the strictest; without
 * any, PERMISSIVE. Where the age of rival policies is not known and matters, the mode is unknown and both are named.
 * Source: istio pilot/pkg/security/authn/policy_applier.go#ComposePeerAuthentication.
 */
export function effectiveMode(input: EffectiveModeInput): EffectiveMtls {
  const { ignored, ...levels } = policyLevels(input.policies, input.workload, input.rootNamespace);
  const whyUnsure = rivalry(levels);
  const choices = choicesIn(levels);
  const agreed = (decide: (choice: PolicyChoice) => DecidedMode) =>
    input.gap === undefined ? agree(choices.map(decide), whyUnsure) : undecided(input.gap);
  const ports = sortedUnique(levels.workload.flatMap(({ portModes }) => Object.keys(portModes)));
  return {
    ...agreed(workloadMode),
    ports: Object.fromEntries(ports.map((port) => [port, agreed((choice) => portModeIn(choice, port))])),
    levels,
    ignored,
  };
}

/** The mode on a container port: that of the port if the deciding policy names it, else the workload's. */
export function modeOnPort(effective: EffectiveMtls, port: number): DecidedMode {
  const key = String(port);
  const named = Object.hasOwn(effective.ports, key) ? effective.ports[key] : undefined;
  return named ?? { mode: effective.mode, decidedBy: effective.decidedBy };
}

/**
 * The mode that clients infer for a namespace, from policies without selector only; `none` where neither the namespace
 * nor the mesh has one. An unset policy of the namespace inherits the mesh's mode, or PERMISSIVE.
 * Source: istio pilot/pkg/model/authentication.go#GetNamespaceMutualTLSMode.
 */
export function namespaceMode(
  input: Omit<EffectiveModeInput, 'workload'> & { readonly namespace: string },
): Fact<MtlsMode | 'none'> {
  if (input.gap !== undefined) return unknown(input.gap);
  const target = { namespace: input.namespace, labels: {} };
  const levels = policyLevels(
    input.policies.filter(({ hasSelector }) => !hasSelector),
    target,
    input.rootNamespace,
  );
  if (levels.mesh.length === 0 && levels.namespace.length === 0) return known('none');
  return agree(choicesIn(levels).map(workloadMode), rivalry(levels)).mode;
}

function workloadMode({ mesh, namespace, workload }: PolicyChoice): DecidedMode {
  for (const policy of [workload, namespace, mesh]) {
    if (policy !== undefined && policy.mode !== 'UNSET') return decided(policy, policy.mode, 'spec.mtls.mode');
  }
  const rule = 'No policy sets a mode, so plaintext and mutual TLS are both accepted.';
  return { mode: known('PERMISSIVE'), decidedBy: { rule, source: SOURCE } };
}

function portModeIn(choice: PolicyChoice, port: string): DecidedMode {
  const { workload } = choice;
  const mode = workload !== undefined && Object.hasOwn(workload.portModes, port) ? workload.portModes[port] : undefined;
  if (workload === undefined || mode === undefined || mode === 'UNSET') return workloadMode(choice);
  return decided(workload, mode, `spec.portLevelMtls["${port}"].mode`);
}

function decided(policy: PeerAuthentication, declared: Exclude<DeclaredMode, 'UNSET'>, field: string): DecidedMode {
  const rule = 'The most specific policy that sets a mode decides, not the strictest.';
  if (declared !== 'invalid') {
    return { mode: known(declared), decidedBy: { object: policy.ref, field, value: declared, rule, source: SOURCE } };
  }
  const invalid = 'The API server refuses a mode that is not one of UNSET, DISABLE, PERMISSIVE and STRICT.';
  const reason = `${nameThem([policy])} sets no valid mode in ${field}`;
  return { mode: unknown(reason), decidedBy: { object: policy.ref, field, rule: invalid } };
}

function agree(outcomes: readonly DecidedMode[], whyUnsure: string | undefined): DecidedMode {
  const [first, ...others] = outcomes;
  if (first === undefined) return undecided('no policy could be chosen');
  const alike = ({ mode }: DecidedMode) =>
    mode.known ? first.mode.known && mode.value === first.mode.value : !first.mode.known;
  return others.every(alike) ? first : undecided(whyUnsure ?? 'policies disagree');
}

function undecided(reason: string): DecidedMode {
  return { mode: unknown(reason), decidedBy: { rule: reason } };
}
