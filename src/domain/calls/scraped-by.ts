import type { Workload } from '../world/workload.ts';
import { workloadsOf } from '../world/workloads-of.ts';
import type { World } from '../world/world.ts';
import type { CallEvidence, CallSource } from './call.ts';
import { podsOf } from './find-workloads.ts';
import { foundCalls, fromOutsider, fromWorkload, stateCall, toPodPort, type FoundCalls } from './found-calls.ts';

/** What is scraped, and what says so. */
export interface Scrape {
  readonly workload: Workload;
  readonly ports: readonly number[];
  readonly path: string | undefined;
  readonly scheme: string | undefined;
  readonly source: string;
  readonly detail: string;
}

const SCRAPER = /(^|\/)prometheus\/prometheus([:@]|$)|(^|\/)prom\/prometheus([:@]|$)|(^|\/)vmagent([:@]|$)/;

const scrapers = new WeakMap<World, readonly CallSource[]>();

/**
 * Who scrapes: each workload that runs Prometheus or vmagent, and those that the operator makes from a `Prometheus`
 * object; an outsider where none is there. Which of several scrapes a target is not worked out: each is taken to.
 */
export function scrapersOf(world: World): readonly CallSource[] {
  let found = scrapers.get(world);
  if (found === undefined) {
    const workloads = workloadsOf(world).filter((workload) =>
      podsOf(workload).some((pod) => pod.containers.some(({ image }) => SCRAPER.test(image))),
    );
    found = workloads.length > 0 ? workloads.map(fromWorkload) : [fromOutsider('prometheus')];
    scrapers.set(world, found);
  }
  return found;
}

/** The calls of the scrapers to the pods' own ports. */
export function scrapeCalls(world: World, scrape: Scrape): FoundCalls {
  const { workload, source, detail } = scrape;
  const evidence: CallEvidence = { kind: 'declared', source, detail };
  return foundCalls(
    scrape.ports.flatMap((port) =>
      scrapersOf(world).map((from) =>
        stateCall({
          from,
          to: toPodPort(workload, port),
          protocol: scrape.scheme?.toLowerCase() === 'https' ? 'tls' : 'http',
          request: { method: 'GET', path: scrape.path ?? '/metrics' },
          evidence,
        }),
      ),
    ),
  );
}
