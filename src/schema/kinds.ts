/** The contracts that have a schema, each with what it describes. */
export const SCHEMA_KINDS = {
  Inventory: 'the result of meshwise inventory',
  WorkloadStory: 'the result of meshwise inventory WORKLOAD',
  CallDrawing: 'the result of meshwise graph',
  CheckReport: 'the result of meshwise check',
  Assessment: 'the result of meshwise assess',
  RolloutPlan: 'the plan.json that meshwise plan writes',
  RolloutPlanDiff: 'the result of meshwise plan --diff',
  PullRequests: 'the result of meshwise pr',
  Simulation: 'the result of meshwise simulate',
  Verification: 'the result of meshwise verify',
  Snapshot: 'one line of a snapshot that --save writes: the header first, then an object or a call a line',
  CallsFile: 'observed calls in JSON, which --calls reads',
  Config: 'meshwise.yaml: the findings that somebody accepts, and what people decide about a rollout',
  Error: 'what a command prints with -o json where it fails',
} as const;

export type SchemaKind = keyof typeof SCHEMA_KINDS;

/** The kind of that name in any case; undefined where there is none. */
export function schemaKindOf(name: string): SchemaKind | undefined {
  return schemaKinds().find((kind) => kind.toLowerCase() === name.toLowerCase());
}

/** All kinds, in the order in which they are listed. */
export function schemaKinds(): readonly SchemaKind[] {
  return Object.keys(SCHEMA_KINDS) as SchemaKind[];
}
