import type { FollowedCall } from '../../src/domain/simulate/followed.ts';
import type { Fate } from '../../src/domain/simulate/verdict.ts';
import type { SimulationView } from '../../src/render/simulation-lines.ts';

const POLICY = { kind: 'security.istio.io/PeerAuthentication', namespace: 'shop', name: 'default' };

/** A fate that is ok, over mutual TLS. */
export function okFate(): Fate {
  return {
    verdict: 'ok',
    wire: 'mtls',
    identity: 'spiffe://cluster.local/ns/shop/sa/cart',
    authorization: 'allow',
    why: 'The port takes mesh mTLS.',
    decidedBy: [],
    cohorts: { looked: 1, broken: 0, unknown: 0 },
  };
}

/** A call in plaintext that a STRICT port refuses. */
export function brokenFate(): Fate {
  const decider = { object: POLICY, field: 'spec.mtls.mode', value: 'STRICT', rule: 'STRICT takes no plaintext' };
  const cohorts = { looked: 1, broken: 1, unknown: 0 };
  const why = 'No filter chain takes plaintext.';
  return { ...okFate(), verdict: 'breaks', wire: 'plaintext', identity: 'none', why, decidedBy: [decider], cohorts };
}

/** A call that was followed from now to an overlay. */
export function followed(parts: Partial<FollowedCall>, client = 'cart'): FollowedCall {
  return {
    call: {
      id: `shop/Deployment/${client}->shop/Service/pay:80`,
      from: { kind: 'workload', workload: { namespace: 'shop', kind: 'Deployment', name: client } },
      to: { kind: 'service-port', namespace: 'shop', service: 'pay', port: 80 },
      phase: 'run',
      evidence: [{ kind: 'declared', source: 'test', detail: 'test' }],
    },
    fates: [okFate(), brokenFate()],
    probable: false,
    servers: ['shop/Deployment/pay:8080'],
    changes: ['broken'],
    ...parts,
  };
}

const NONE = { broken: 0, unknown: 0, weaker: 0, degraded: 0, mended: 0, stronger: 0, otherwise: 0 };

/** The result of a simulation from now to an overlay in which nothing happens, but for what is given. */
export function simulationView(parts: Partial<SimulationView>): SimulationView {
  const counts = { breaks: 0, unknown: 0, partial: 0, degraded: 0, ok: 1 };
  return {
    apiVersion: 'meshwise.dev/v1alpha1',
    kind: 'Simulation',
    basis: 'live',
    coverage: [],
    warnings: [],
    setAside: [],
    cluster: 'test',
    answer: { is: 'yes', because: ['no call that is known breaks anew'] },
    worlds: [
      { id: 'now', title: 'now' },
      { id: 'overlay', title: 'overlay' },
    ],
    followed: 1,
    calls: [],
    counts: [counts, counts],
    transitions: [{ from: 'now', to: 'overlay', counts: NONE, kept: 1 }],
    opens: [[], []],
    assumptions: [],
    evidence: { atLeast: 'inferred', leftOut: 0 },
    namespaces: [],
    callCoverage: {
      ports: [],
      counts: { ports: 3, observedPorts: 1, workloads: 2, observedWorkloads: 1 },
      windows: [],
      unobservable: [],
      withoutCaller: [],
      withoutServer: [],
      blindTo: [],
      youngerThanWindow: [],
      stale: [],
      unread: [],
    },
    unresolved: [],
    ...parts,
  };
}

/** What changes from now to the overlay, for `transitions`. */
export function oneTransition(counts: Partial<typeof NONE>, kept: number): SimulationView['transitions'] {
  return [{ from: 'now', to: 'overlay', counts: { ...NONE, ...counts }, kept }];
}
