/** Whether somebody still maintains a mesh, as it was found on a day. */
export interface SupportStatus {
  /** `archived`: nobody changes it any more; `ended`: the service behind it is switched off. */
  readonly status: 'maintained' | 'deprecated' | 'archived' | 'ended';
  /** The day since when, as `2026-09-30`; absent for what is maintained. */
  readonly since?: string;
  /** What that means for those who run it, one sentence. */
  readonly note: string;
  readonly source: string;
  /** The day on which the source was read. */
  readonly asOf: string;
}
