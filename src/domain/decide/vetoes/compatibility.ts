import { KIND } from '../../kubernetes/kinds.ts';
import { refOf } from '../../kubernetes/object.ts';
import { parseVersion } from '../../kubernetes/version.ts';
import type { World } from '../../world/world.ts';
import type { AssessInput, Constraint } from '../assessment.ts';
import { VERSION_SUPPORT } from '../data/version-support.ts';
import { cniOf } from '../evidence/cni.ts';
import type { OptionId } from '../option.ts';

/** Whether a maintained release of the option runs on this Kubernetes. */
export function versionConstraint(world: World, option: OptionId): readonly Constraint[] {
  const support = VERSION_SUPPORT.find((candidate) => candidate.option === option);
  if (support === undefined) return [];
  const id = 'kubernetes-version';
  const version = world.kubernetesVersion.known ? parseVersion(world.kubernetesVersion.value) : undefined;
  if (version === undefined) {
    const why = world.kubernetesVersion.known ? 'it is not a version' : world.kubernetesVersion.reason;
    return [
      {
        id,
        state: 'not-assessed',
        reason: `the Kubernetes version is not known: ${why}`,
        evidence: [],
        mark: support.mark,
      },
    ];
  }
  const { minor } = version;
  const text = `${String(version.major)}.${String(minor)}`;
  const evidence = [
    { value: text, field: 'gitVersion', rule: `${support.release}, as of ${support.date}`, source: support.source },
  ];
  const { refusedBelow, supportedFrom, supportedTo, mark } = support;
  if (refusedBelow !== undefined && minor < refusedBelow) {
    const reason = `no maintained release runs on Kubernetes ${text}: ${support.release} was tested from 1.${String(refusedBelow)}`;
    return [{ id, state: 'veto', reason, evidence, mark }];
  }
  const outside =
    (supportedFrom !== undefined && minor < supportedFrom) || (supportedTo !== undefined && minor > supportedTo);
  if (!outside) return [];
  const reason = `${support.release} names Kubernetes 1.${String(supportedFrom)} to 1.${String(supportedTo)} as supported, not ${text}`;
  return [{ id, state: 'caution', reason, evidence, mark }];
}

/** Cilium's mesh needs Cilium as the CNI, and Cilium may remove the CNI plugins of other meshes. */
export function cniConstraint(input: AssessInput, option: OptionId): readonly Constraint[] {
  const found = cniOf(input.world);
  if (option === 'cilium') return ciliumNeedsCilium(input, found);
  if (option !== 'istio-ambient' && option !== 'istio-sidecar' && option !== 'linkerd') return [];
  if (found.exclusive.known && found.exclusive.value) {
    const agent = option === 'istio-ambient' ? 'ambient cannot work' : 'the mesh’s CNI plugin cannot work';
    const reason = `Cilium removes the CNI configuration of others: ${agent} before cni.exclusive is false`;
    return [{ id: 'cni-exclusive', state: 'caution', reason, evidence: found.evidence, mark: 'P' }];
  }
  if (found.cni.known && found.cni.value === 'cilium' && !found.exclusive.known) {
    return [
      {
        id: 'cni-exclusive',
        state: 'not-assessed',
        reason: found.exclusive.reason,
        evidence: found.evidence,
        mark: 'P',
      },
    ];
  }
  return [];
}

function ciliumNeedsCilium(input: AssessInput, found: ReturnType<typeof cniOf>): readonly Constraint[] {
  const id = 'cni-is-not-cilium';
  if ((input.answers?.['cni-change']?.value ?? 0) >= 0.5) return [];
  if (!found.cni.known) {
    const reason = `the CNI is not known: ${found.cni.reason}`;
    return [{ id, state: 'not-assessed', reason, evidence: [], mark: 'P' }];
  }
  if (found.cni.value === 'cilium') return [];
  const reason = `the CNI is ${found.cni.value}; Cilium’s mesh would replace it (answer cni-change=yes if it may be)`;
  return [{ id, state: 'veto', reason, evidence: found.evidence, mark: 'P' }];
}

/** EnvoyFilters in use bind to Istio's sidecars and gateways. Source: https://istio.io/latest/docs/ambient/migrate/. */
export function envoyFilterConstraint({ world, detections }: AssessInput, option: OptionId): readonly Constraint[] {
  if (option === 'istio-sidecar' || option === 'none') return [];
  const filters = world.list(KIND.envoyFilter).objects;
  if (filters.length === 0) return [];
  const istio = detections.find((detection) => detection.mesh === 'istio')?.state;
  const used = istio === 'active' || istio === 'external';
  const state = used && (option === 'linkerd' || option === 'istio-ambient') ? 'veto' : 'caution';
  const reason = `${String(filters.length)} EnvoyFilters ${used ? 'are in use and' : 'are here, in use or left behind, and'} have no counterpart in it`;
  const evidence = filters.slice(0, 3).map((object) => ({ object: refOf(object), rule: 'changes an Envoy of Istio' }));
  return [{ id: 'envoy-filter', state, reason, evidence, mark: 'P' }];
}

/** What somebody ruled out, and what answers about licences, identity and validated cryptography rule out. */
export function statedConstraint(input: AssessInput, option: OptionId): readonly Constraint[] {
  const stated = input.excluded?.[option];
  const excluded: readonly Constraint[] =
    stated === undefined ? [] : [{ id: 'excluded', state: 'veto', reason: stated, evidence: [], mark: 'E' }];
  return [...excluded, ...licenceConstraint(input, option), ...assuranceConstraint(input, option)];
}

function licenceConstraint({ answers }: AssessInput, option: OptionId): readonly Constraint[] {
  const id = 'licence-support';
  if ((answers?.[id]?.value ?? 0) < 1) return [];
  if (option === 'linkerd') {
    const reason = 'since 2.15 Linkerd has no open-source stable releases: edge releases, or a vendor’s stable ones';
    return [{ id, state: 'veto', reason, evidence: [], mark: 'P' }];
  }
  if (option !== 'consul') return [];
  const reason = 'Consul is under the Business Source License, which is not an open-source licence';
  return [{ id, state: 'veto', reason, evidence: [], mark: 'S' }];
}

function assuranceConstraint({ answers }: AssessInput, option: OptionId): readonly Constraint[] {
  const constraints: Constraint[] = [];
  if (answers?.['mtls-identity']?.must === true && option === 'cilium') {
    const reason =
      'its mutual authentication is deprecated and its ztunnel encryption is beta, and WireGuard alone gives no workload identity: ask whoever requires it';
    constraints.push({ id: 'mtls-maturity', state: 'not-assessed', reason, evidence: [], mark: 'P' });
  }
  if ((answers?.fips?.value ?? 0) >= 1 && option !== 'none') {
    const reason = 'validated cryptography cannot be proven from the API: ask for the vendor’s validated build';
    constraints.push({ id: 'fips', state: 'not-assessed', reason, evidence: [], mark: 'P' });
  }
  return constraints;
}
