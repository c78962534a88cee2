/** What can be chosen; `none` is an option like the others. */
export const OPTION_IDS = ['istio-sidecar', 'istio-ambient', 'linkerd', 'consul', 'cilium', 'none'] as const;

export type OptionId = (typeof OPTION_IDS)[number];

/** A value for each option. */
export type PerOption<T> = Readonly<Record<OptionId, T>>;

/** A value for each option, computed. */
export function forEachOption<T>(compute: (option: OptionId) => T): PerOption<T> {
  return {
    'istio-sidecar': compute('istio-sidecar'),
    'istio-ambient': compute('istio-ambient'),
    linkerd: compute('linkerd'),
    consul: compute('consul'),
    cilium: compute('cilium'),
    none: compute('none'),
  };
}
