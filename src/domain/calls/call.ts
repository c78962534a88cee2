import type { WorkloadRef } from '../world/workload.ts';

/** Somebody outside the workloads that were read. `unknown`: seen or possible, but nobody can say who. */
export type Outsider = 'kubelet' | 'prometheus' | 'apiserver' | 'load-balancer' | 'internet' | 'node' | 'unknown';

export type CallSource =
  | { readonly kind: 'workload'; readonly workload: WorkloadRef }
  | { readonly kind: 'outsider'; readonly who: Outsider; readonly detail?: string };

/** Calls by Service, by headless instance and by pod address are three calls: meshes treat them differently. */
export type CallTarget =
  | { readonly kind: 'service-port'; readonly namespace: string; readonly service: string; readonly port: number }
  | { readonly kind: 'headless-instance'; readonly namespace: string; readonly service: string; readonly port: number }
  | { readonly kind: 'pod-port'; readonly workload: WorkloadRef; readonly port: number }
  | { readonly kind: 'external-host'; readonly host: string; readonly port?: number };

/** Stands for the namespace of a Service that somebody called and nobody can tell; no namespace has this name. */
export const NO_NAMESPACE = '?';

export type CallPhase = 'start' | 'run' | 'stop' | 'probe';

/**
 * `observed` by metrics, flows or logs; `declared` by an object that sends or admits the call; `inferred` from a
 * hostname in configuration, which may raise an alarm and never clears one; `exercised` on purpose.
 */
export type EvidenceKind = 'observed' | 'declared' | 'inferred' | 'exercised';

export interface CallEvidence {
  readonly kind: EvidenceKind;
  /** Where it was found: `calls.csv:12`, `Ingress shop/front`, `Deployment shop/cart container app env PAY_ADDR`. */
  readonly source: string;
  readonly detail: string;
  readonly count?: number;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
  /** What the watcher saw on the wire. */
  readonly wire?: SeenWire;
  /** How many of the calls were refused. */
  readonly denied?: number;
  /** Whether this sighting was made where callers outside a mesh are seen too, if its watcher as a whole does not. */
  readonly seesUnmeshed?: boolean;
  /** Of the API server's calls to admission webhooks: what becomes of requests when the call fails. */
  readonly failurePolicy?: 'Fail' | 'Ignore';
}

/** What a watcher saw on the wire: `mutual-tls` of a mesh, `tls` that is not the mesh's, or neither. */
export type SeenWire = 'mutual-tls' | 'tls' | 'plaintext';

/** Who calls whom. Equal ends, phase and request make one call, whose evidence adds up. */
export interface Call {
  /** Made of its ends; equal for equal calls in every world. */
  readonly id: string;
  readonly from: CallSource;
  readonly to: CallTarget;
  readonly phase: CallPhase;
  /** What it speaks, where somebody said so: `http`, `grpc`, `tcp`, `tls`, `mysql`. */
  readonly protocol?: string;
  readonly request?: { readonly method?: string; readonly path?: string };
  readonly evidence: readonly CallEvidence[];
  /** Why what the world says of the wire of this call cannot be trusted: somebody saw something else there. */
  readonly doubt?: string;
}

/** A window over which calls were watched, and whether the watcher sees callers outside a mesh. */
export interface ObservationWindow {
  readonly source: string;
  /** RFC 3339; unknown where the file does not say. */
  readonly from?: string;
  readonly to?: string;
  readonly seesUnmeshed: boolean;
  /** What it could not see, so that its silence about anybody proves nothing. */
  readonly gaps?: readonly string[];
}

/** All calls that are known or probable, sorted by id, with what was watched. */
export interface CallGraph {
  readonly calls: readonly Call[];
  readonly windows: readonly ObservationWindow[];
  /** Rows and references that could not be used, each with the reason. */
  readonly unresolved: readonly { readonly source: string; readonly reason: string }[];
}

const STRENGTH = { exercised: 3, observed: 3, declared: 2, inferred: 1 } as const satisfies Record<
  EvidenceKind,
  number
>;

/** The strongest kind of evidence that the call rests on. */
export function strongestEvidence(call: Call): EvidenceKind {
  return call.evidence.reduce<EvidenceKind>(
    (best, evidence) => (STRENGTH[evidence.kind] > STRENGTH[best] ? evidence.kind : best),
    'inferred',
  );
}

/** Whether the call counts as known (observed, exercised or declared) and not only as probable. */
export function isKnownCall(call: Call): boolean {
  return strongestEvidence(call) !== 'inferred';
}

/** One row of a calls file that anyone can write. */
export interface CallRow {
  /** `FILE:LINE`. */
  readonly source: string;
  readonly clientNamespace?: string;
  readonly clientKind?: string;
  readonly client: string;
  readonly serviceNamespace?: string;
  readonly service: string;
  readonly port: number;
  readonly protocol?: string;
  readonly method?: string;
  readonly path?: string;
  readonly count?: number;
  readonly firstSeen?: string;
  readonly lastSeen?: string;
}

/**
 * What a watcher says of calls that it saw. Metrics name workloads and no ports, proxies name identities, network flows
 * name pods' ports: whatever is missing is told from the rest, and the call is no more than probable where it cannot be.
 */
export interface SeenCall extends Omit<CallRow, 'service' | 'port'> {
  readonly service?: string;
  /** Port of the Service. */
  readonly port?: number;
  /** The workload that answered. */
  readonly serverNamespace?: string;
  readonly serverKind?: string;
  readonly server?: string;
  /** Container port. */
  readonly targetPort?: number;
  /** The identity that the server was shown: a SPIFFE ID, or Linkerd's name of an account. */
  readonly clientIdentity?: string;
  readonly wire?: SeenWire;
  readonly denied?: number;
  readonly seesUnmeshed?: boolean;
}

/** A whole file, or answer, of a watcher, with what it says of itself. */
export interface CallsFile {
  readonly source: string;
  readonly window?: { readonly from: string; readonly to: string };
  readonly seesUnmeshed: boolean;
  /** What it could not see. */
  readonly gaps?: readonly string[];
  readonly rows: readonly SeenCall[];
}
