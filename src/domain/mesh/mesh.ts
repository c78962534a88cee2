import type { Evidence } from '../world/evidence.ts';
import type { Fact } from '../world/fact.ts';
import type { ObjectRef } from '../kubernetes/object.ts';
import type { PodShape } from '../world/pod-shape.ts';
import type { Service, ServicePort } from '../world/service.ts';
import type { Cohort, Workload } from '../world/workload.ts';
import type { World } from '../world/world.ts';
import type { Admission } from './admission.ts';
import type { MeshId } from './mesh-id.ts';
import type { SupportStatus } from './support-status.ts';
import type { PolicySummary } from './policy-summary.ts';
import type { RequestChange, RequestFacts } from './request.ts';

/** `remnant`: objects of a mesh that is gone; `orphaned`: pods without a control plane; `external`: it is elsewhere. */
export type MeshState = 'absent' | 'remnant' | 'installed-unused' | 'active' | 'orphaned' | 'external' | 'unknown';

export interface Detection {
  readonly mesh: Exclude<MeshId, 'contested'>;
  readonly state: MeshState;
  readonly version: Fact<string>;
  readonly revisions: readonly string[];
  readonly evidence: readonly Evidence[];
  /** Absent where nobody looked it up. */
  readonly support?: SupportStatus;
  /** What else is known of the mesh here, by name: of Cilium `encryption`, `mutualAuthentication` and so on. */
  readonly details?: Readonly<Record<string, Fact<string>>>;
}

/** Whether a mesh will take pods of this shape, were they created now. */
export interface Enrolment {
  readonly decision: 'inject' | 'skip' | 'ambient' | 'unknown';
  readonly reason: string;
  /** All that the injector has against the pods, in its own words and order; absent where the mesh has no such words. */
  readonly reasons?: readonly string[];
  readonly revision?: string;
  readonly evidence: readonly Evidence[];
}

export type DataPlaneMode = 'sidecar' | 'ambient' | 'gateway' | 'proxyless' | 'none' | 'unknown';

/** What stands between a cohort's pods and the network. */
export interface DataPlane {
  readonly mesh: MeshId | 'none';
  readonly mode: DataPlaneMode;
  /** Whether the proxy really takes the pods' traffic; a pod may carry one that does not. */
  readonly captured: Fact<boolean>;
  readonly native: boolean;
  /** Of pods that are not there yet: why nobody knows whether the proxy will be a native sidecar. */
  readonly nativeDoubt?: string;
  readonly revision?: string;
  readonly version?: string;
  readonly reason: string;
}

export type MtlsMode = 'strict' | 'permissive' | 'disabled' | 'none' | 'unknown';

/** What a server demands of those who call one of its container ports. */
export interface PortMode {
  readonly mode: MtlsMode;
  /** The mesh's own word: `STRICT`, `all-authenticated`. */
  readonly declared: string;
  readonly evidence: readonly Evidence[];
}

/** What is on the wire: `tls` is the application's own, `mtls` the mesh's mutual TLS. */
export type Wire = 'plaintext' | 'tls' | 'mtls' | 'hbone';

/** One end of a call that runs in the cluster. */
export interface ClientEnd {
  readonly workload: Workload;
  readonly cohort: Cohort;
  /** `start`: before the proxy may be ready; `stop`: after it may be gone. */
  readonly phase: 'start' | 'run' | 'stop' | 'probe';
}

/** Where a client sends a call, and who answers it. */
export interface Destination {
  /** Absent where a pod is called by its own address. */
  readonly service?: { readonly service: Service; readonly port: ServicePort };
  readonly server: ServerEnd;
  /** Whether the server speaks first in the call's protocol; absent where nobody asks about it. */
  readonly serverFirst?: Fact<boolean>;
  /** What the application speaks where it is known not to be HTTP; absent where it is, or nobody says. */
  readonly noHttp?: 'tls' | 'tcp';
}

export interface ServerEnd {
  readonly workload: Workload;
  readonly cohort: Cohort;
  /** The container port that is called. */
  readonly port: number;
}

export interface Outbound {
  readonly wire: Wire | 'unknown';
  /** SPIFFE id or mesh identity that the server will see; known undefined where the call presents none. */
  readonly identity: Fact<string | undefined>;
  readonly why: string;
  readonly evidence: readonly Evidence[];
  /** Why the client's own proxy never gets as far as calling; absent where it does. */
  readonly stalls?: string;
  /** Why it is not known whether it does; absent where it is. */
  readonly mayStall?: string;
  /** Who takes the call on its way; absent where it goes straight to its server. */
  readonly relay?: Relay;
  /** What those who judge the request next may find changed in it; absent where it is sent on as it came. */
  readonly changes?: RequestChange;
  /** Why it is not known whether somebody takes it on its way, who may then refuse it; absent where it is. */
  readonly mayRelay?: string;
  /** The port of whoever takes the bytes, relay or server; absent where it is the one that is called. */
  readonly wirePort?: Fact<number>;
}

/** A proxy of the mesh that ends a call and makes it anew under its own identity: a waypoint of ambient mode. */
export interface Relay {
  /** The object that it is known by. */
  readonly object: ObjectRef;
  /** The identity that the server then sees. */
  readonly identity: string;
  /** The pods that it runs in, one of each cohort. */
  readonly pods: readonly PodShape[];
}

export type Payload = 'http' | 'tcp' | 'tls' | 'unknown';

/** What reaches a server's port, whoever sent it. */
export interface Arrival {
  /** The kubelet's probes may take another way into the pod than everybody else's calls. */
  readonly sender: 'workload' | 'kubelet' | 'outsider';
  readonly wire: Wire | 'unknown';
  readonly payload: Payload;
  /** Whether the server speaks first in this protocol, as MySQL and SMTP do. */
  readonly serverFirst: Fact<boolean>;
  /** Whether the kubelet runs a lifecycle hook rather than a probe. */
  readonly hook?: boolean;
  /** Whether nothing but annotations of the pod asks for it, as for scrapes: injection may rewrite them. */
  readonly annotated?: boolean;
  /** Whether it is said to be HTTP/2, as gRPC is; absent also where nobody says so. */
  readonly http2?: boolean;
}

/** `degraded`: it works, but stalls or loses something that `why` names. */
export interface Inbound {
  readonly outcome: 'accepted' | 'refused' | 'degraded' | 'unknown';
  readonly handledAs: 'http' | 'tcp' | 'unknown';
  readonly mode: PortMode;
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

export interface Authorization {
  readonly decision: 'allow' | 'deny' | 'unknown';
  /** `default` where no policy decides. */
  readonly by: 'policy' | 'default' | 'none';
  readonly why: string;
  readonly evidence: readonly Evidence[];
}

/** Somebody whom no policy names by his own name, though it may name all of his kind. */
export interface Stranger {
  /** Whom he stands for: `any namespace`. */
  readonly from: string;
  readonly identity: string;
}

/** Whether a server's proxy takes the certificate of its peer. */
export interface HandshakeQuestion {
  readonly server: ServerEnd;
  readonly arrival: Arrival;
  readonly identity: Fact<string | undefined>;
}

export interface AuthorizeQuestion {
  readonly server: ServerEnd;
  readonly arrival: Arrival;
  readonly handledAs: 'http' | 'tcp' | 'unknown';
  readonly identity: Fact<string | undefined>;
  readonly request: RequestFacts;
}

/** A call as it reaches a relay. */
export interface RelayQuestion {
  readonly relay: Relay;
  readonly destination: Destination;
  readonly arrival: Arrival;
  readonly identity: Fact<string | undefined>;
  readonly request: RequestFacts;
}

/** What a relay makes of a call, and what it sends to the server in its place. */
export interface Relayed {
  readonly inbound: Inbound;
  readonly authorization: Authorization;
  readonly onward: Outbound;
}

/** What a client has in common with others whose calls fare as its own do. */
export interface AlikeSenders {
  /** Equal for clients of one world that send the same, to servers of every namespace or of all but their own. */
  readonly key: string;
  readonly everywhere: boolean;
  /** What the client shows of itself where it shows anything; of clients of one key of the same trust domain. */
  readonly identity: string;
}

/**
 * The seam between Kubernetes and one mesh: each rule of the mesh is resolved here and nowhere else, from a world
 * alone. Every answer names the objects that decide it and is unknown where a fact it needs was not read.
 */
export interface Mesh {
  readonly id: MeshId;
  readonly displayName: string;
  /** Is the mesh here, and in what state? */
  detect(world: World): Detection;
  /** Would pods of this shape, created now in this namespace, be in the mesh, and why or why not? */
  enrolment(namespace: string, pod: PodShape, world: World): Enrolment;
  /** The pod as the mesh's admission would make it; undefined where the mesh does not change it. */
  admit(namespace: string, pod: PodShape, world: World): Admission | undefined;
  /** What stands between the cohort and the network; undefined where this mesh has nothing there. */
  dataPlane(workload: Workload, cohort: Cohort, world: World): DataPlane | undefined;
  /** What a client of this mesh puts on the wire, and with which identity. */
  outbound(client: ClientEnd, destination: Destination, world: World): Outbound;
  /**
   * With which clients the cohort shares what `outbound` says of a call while it runs, the identity aside; undefined
   * where that cannot be told, so that it stands for itself. Only of meshes that can tell.
   */
  alike?(workload: Workload, cohort: Cohort, world: World): AlikeSenders | undefined;
  /** Whether `authorize` may look at the caller or the request; where a mesh does not say, it may. */
  judgesCallers?(server: ServerEnd, world: World): boolean;
  /** What a relay that `outbound` names makes of the call; only of meshes that have relays. */
  relay?(question: RelayQuestion, world: World): Relayed;
  /** Whether a client of this mesh may call hosts outside the cluster that the mesh does not know by name. */
  egress(client: ClientEnd, world: World): Fact<boolean>;
  /** The mode in force on a container port of a server of this mesh. */
  portMode(server: ServerEnd, world: World): PortMode;
  /** What a server of this mesh makes of what arrives. */
  inbound(server: ServerEnd, arrival: Arrival, world: World): Inbound;
  /**
   * Why a server of this mesh refuses the certificate that is shown to it; known undefined where it does not. Only of
   * meshes that look at more of it than who signed it.
   */
  whyUntrusted?(question: HandshakeQuestion, world: World): Fact<string | undefined>;
  /** Identities of workloads that nobody named and this mesh vouches for; only of meshes whose identities are known here. */
  strangers?(server: Omit<ServerEnd, 'port'>, world: World): Fact<readonly Stranger[]>;
  /** May it call? */
  authorize(question: AuthorizeQuestion, world: World): Authorization;
  /** Which policies attach to a server, and what they make of a call that none names. */
  policies(server: Omit<ServerEnd, 'port'>, world: World): PolicySummary;
}
