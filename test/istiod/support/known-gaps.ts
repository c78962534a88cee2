/** Where meshwise says that it does not know although istiod's configuration settles it, and why it leaves it so. */
export interface KnownGap {
  readonly name: string;
  /** Recognises the reason that meshwise gives. */
  readonly reason: RegExp;
  /** The largest share of calls that it may be. */
  readonly share: number;
}

/** All reasons that generated worlds may bring up; a new one fails the test until somebody has judged it. */
export const KNOWN_GAPS: readonly KnownGap[] = [
  {
    // What a blocked call meets depends on every other listener of the client, ServiceEntries among them.
    name: 'REGISTRY_ONLY, and the client is not given the Service',
    reason: /outboundTrafficPolicy is REGISTRY_ONLY$/,
    share: 0.1,
  },
  {
    // istiod takes one of them, and its documentation calls the result undefined.
    name: 'several Sidecar resources of one level',
    reason: /^several Sidecar resources apply/,
    share: 0.08,
  },
  {
    // Which of them istiod takes depends on the order in which it read them.
    name: 'several DestinationRules that are not merged',
    reason: /^several DestinationRules for .* apply and are not merged/,
    share: 0.05,
  },
  {
    // istiod does not know what the application speaks either.
    name: 'TLS that a DestinationRule adds',
    reason: /whether the application (at the other end )?serves TLS is not known$|a DestinationRule adds TLS to it$/,
    share: 0.05,
  },
  {
    // The program here matches templates by rules of its own, which are not Envoy's.
    name: 'a path template at its edge',
    reason: /whether the path template .* is not settled upstream/,
    share: 0.02,
  },
];
