import { describe, expect, test } from 'vitest';
import { runSimulation } from '../../src/app/run-simulation.ts';
import { formatRef } from '../../src/domain/kubernetes/object.ts';
import { sortedUnique } from '../../src/lib/order.ts';
import { changesOf, openShowcase, type Showcase } from './showcase-world.ts';

/** The calls that a change breaks, as `CLIENT > SERVICE:PORT [REQUEST]`, and the object that decides. */
interface BadChange {
  readonly breaks: readonly string[];
  readonly by: string;
  readonly says: string;
  /** How much of it breaks; all if nothing is said. */
  readonly verdict?: 'partial';
}

interface Shown extends Showcase {
  /** How many calls the documentation draws. */
  readonly calls: number;
  readonly changes: Readonly<Record<string, BadChange>>;
}

const SHOWN: readonly Shown[] = [
  {
    app: 'boutique',
    mesh: 'ambient',
    calls: 17,
    changes: {
      'strict-too-early': {
        breaks: ['load-balancer > frontend-external:80', 'loadgenerator > frontend:80'],
        by: 'PeerAuthentication boutique/default',
        says: 'STRICT takes plaintext',
      },
      'allow-list-forgets-a-caller': {
        breaks: ['recommendationservice > productcatalogservice:3550'],
        by: 'AuthorizationPolicy boutique/productcatalogservice',
        says: 'no rule of an ALLOW policy matches',
      },
      'deny-with-paths-on-tcp': {
        breaks: ['cartservice > redis-cart:6379'],
        by: 'AuthorizationPolicy boutique/no-admin',
        says: 'matches and denies',
      },
      'destinationrule-disable': {
        breaks: ['checkoutservice > paymentservice:50051'],
        by: 'DestinationRule boutique/paymentservice',
        says: 'STRICT takes plaintext',
      },
      'networkpolicy-without-15008': {
        breaks: ['frontend > adservice:9555'],
        by: 'NetworkPolicy boutique/adservice',
        says: 'no rule admits port 15008',
      },
    },
  },
  {
    app: 'bookinfo',
    mesh: 'ambient',
    calls: 6,
    changes: {
      'strict-too-early': {
        breaks: ['curl > productpage:9080 GET /productpage'],
        by: 'PeerAuthentication bookinfo/default',
        says: 'STRICT takes plaintext',
      },
      'allow-list-forgets-a-caller': {
        breaks: ['reviews-v2 > ratings:9080 GET /ratings/0', 'reviews-v3 > ratings:9080 GET /ratings/0'],
        by: 'AuthorizationPolicy bookinfo/ratings',
        says: 'no rule of an ALLOW policy matches',
      },
      'deny-with-methods-on-tcp': {
        breaks: ['ratings-v2 > mongodb:27017'],
        by: 'AuthorizationPolicy bookinfo/read-only',
        says: 'matches and denies',
      },
      'destinationrule-disable': {
        breaks: ['productpage-v1 > details:9080 GET /details/0'],
        by: 'DestinationRule bookinfo/details',
        says: 'STRICT takes plaintext',
      },
      'networkpolicy-without-15008': {
        breaks: ['productpage-v1 > reviews:9080 GET /reviews/0'],
        by: 'NetworkPolicy bookinfo/reviews',
        says: 'no rule admits port 15008',
      },
    },
  },
  {
    app: 'emojivoto',
    mesh: 'linkerd',
    calls: 6,
    changes: {
      'all-authenticated-too-early': {
        breaks: ['vote-bot > web-svc:80 GET /api/list', 'vote-bot > web-svc:80 GET /api/vote'],
        by: 'Server emojivoto/web',
        says: 'nothing on Server web lets this client in',
      },
      'authorization-forgets-a-client': {
        breaks: [
          'web > emoji-svc:8080 POST /emojivoto.v1.EmojiService/FindByShortcode',
          'web > emoji-svc:8080 POST /emojivoto.v1.EmojiService/ListAll',
        ],
        by: 'Server emojivoto/emoji',
        says: 'nothing on Server emoji lets this client in',
      },
      'route-forgets-a-path': {
        breaks: ['vote-bot > web-svc:80 GET /api/vote'],
        by: 'Server emojivoto/web',
        says: 'no route of Server web takes the request',
      },
      'skip-outbound-ports': {
        breaks: [
          'web > voting-svc:8080 POST /emojivoto.v1.VotingService/Results',
          'web > voting-svc:8080 POST /emojivoto.v1.VotingService/VoteDoughnut',
        ],
        by: 'Server emojivoto/voting',
        says: 'its next pods',
        verdict: 'partial',
      },
      'networkpolicy-without-4143': {
        breaks: [
          'web > voting-svc:8080 POST /emojivoto.v1.VotingService/Results',
          'web > voting-svc:8080 POST /emojivoto.v1.VotingService/VoteDoughnut',
        ],
        by: 'NetworkPolicy emojivoto/voting',
        says: 'no rule admits port 4143',
      },
    },
  },
];

type Result = ReturnType<typeof runSimulation>;
type Followed = Result['calls'][number];

/** The calls of the documentation alone: the changes declare calls of their own. */
function isDrawn({ call }: Followed): boolean {
  return call.evidence.some(({ kind }) => kind === 'observed');
}

function nameOf({ call: { from, to, request } }: Followed): string {
  const client = from.kind === 'workload' ? from.workload.name : from.who;
  const server = to.kind === 'service-port' ? `${to.service}:${String(to.port)}` : to.kind;
  return [`${client} > ${server}`, request?.method, request?.path].filter((part) => part !== undefined).join(' ');
}

describe.each(SHOWN)('$app', (shown) => {
  test('works before any change, and each drawn call is understood', async () => {
    const opened = await openShowcase(shown);
    const result = runSimulation(opened, []);
    expect(result.counts).toEqual([{ ok: result.followed, degraded: 0, partial: 0, unknown: 0, breaks: 0 }]);
    expect(opened.graph.calls.filter((call) => call.evidence.some(({ kind }) => kind === 'observed'))).toHaveLength(
      shown.calls,
    );
    expect(opened.graph.unresolved.filter(({ source }) => source.startsWith('calls.csv'))).toEqual([]);
    expect(result.answer.is).toBe('yes');
  });

  test('has five bad changes, and each is asked about', () => {
    expect(changesOf(shown)).toEqual(sortedUnique(Object.keys(shown.changes)));
    expect(changesOf(shown)).toHaveLength(5);
  });

  test.each(Object.entries(shown.changes))(
    'under %s breaks what it must, and nothing else',
    async (change, expected) => {
      const result = runSimulation(await openShowcase(shown, change), []);
      const drawn = result.calls.filter(isDrawn);
      const broken = drawn.filter(({ changes }) => changes[0] === 'broken');
      expect(broken.map(nameOf).sort()).toEqual(expected.breaks);
      const hurt = drawn.filter(({ fates }) => fates[1]?.verdict !== 'ok');
      expect(hurt.map(nameOf).sort()).toEqual(expected.breaks);
      for (const { fates } of broken) {
        const [before, after] = fates;
        expect([before?.verdict, after?.verdict]).toEqual(['ok', expected.verdict ?? 'breaks']);
        expect(after?.why).toContain(expected.says);
        const objects = after?.decidedBy.flatMap(({ object }) => (object === undefined ? [] : [formatRef(object)]));
        expect(objects).toContain(expected.by);
      }
      expect(result.answer.is).toBe('no');
    },
  );
});
