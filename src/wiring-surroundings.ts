/** What the wiring needs of the command that asks: where progress goes, and when to stop. */
export interface Surroundings {
  readonly signal: () => AbortSignal;
  /** What can be stopped half-way is over. */
  readonly release: () => void;
  readonly progress: (text: string) => void;
  readonly version: string;
}
