import { compareText } from '../../../lib/order.ts';

/** How one target of Prometheus was scraped in the window. */
export interface ScrapedTarget {
  readonly job: string;
  readonly instance: string;
  /** At how many steps it was to be scraped. */
  readonly steps: number;
  /** Seconds since 1970, the last of them. */
  readonly last: number;
  /** The share of scrapes that it answered, 0 to 1. */
  readonly answered: number;
}

/** Seconds since 1970. */
export interface ScrapeWindow {
  readonly from: number;
  readonly to: number;
  readonly stepSeconds: number;
}

/** Below this share a window is not whole. */
const WHOLE = 0.99;
/** Pods that a rollout adds for a while are not missing afterwards. */
const USUAL = 0.9;

/**
 * Why the silence of these targets' metrics proves nothing: they did not answer, or were not scraped all the time. Pods
 * that went and pods that are no longer scraped look alike from here.
 */
export function scrapeGaps(targets: readonly ScrapedTarget[], window: ScrapeWindow): readonly string[] {
  if (targets.length === 0) return ['no `up` series fits these metrics, so nobody can tell whether they are whole'];
  return [...unanswered(targets), ...missing(targets, window)];
}

/** The share of a window in which Prometheus itself had samples: a gap where it is not whole. */
export function servingGaps(servingSteps: number, window: ScrapeWindow): readonly string[] {
  const share = servingSteps / stepsIn(window);
  return share >= WHOLE ? [] : [`Prometheus itself has samples for only ${percent(share)} of the window`];
}

function unanswered(targets: readonly ScrapedTarget[]): readonly string[] {
  const expected = sum(targets.map(({ steps }) => steps));
  const share = sum(targets.map(({ steps, answered }) => steps * answered)) / expected;
  if (share >= WHOLE) return [];
  const [worst] = [...targets].sort((a, b) => a.answered - b.answered || compareText(a.instance, b.instance));
  const example = worst === undefined ? '' : ` (${nameOf(worst)}: ${percent(worst.answered)})`;
  return [`only ${percent(share)} of the scrapes of ${countOf(targets.length)} were answered${example}`];
}

function missing(targets: readonly ScrapedTarget[], window: ScrapeWindow): readonly string[] {
  const total = stepsIn(window);
  const present = presence(targets, window);
  const usual = [...present].sort((a, b) => a - b)[Math.floor(present.length * USUAL)] ?? 0;
  const lost = sum(present.map((count) => Math.max(0, usual - count)));
  const share = usual === 0 ? 0 : 1 - lost / (usual * total);
  if (share >= WHOLE) return [];
  const gone = targets.filter(({ last }) => last < window.to - 2 * window.stepSeconds);
  const [first] = [...gone].sort((a, b) => b.last - a.last || compareText(a.instance, b.instance));
  const example = first === undefined ? '' : `: ${nameOf(first)} not since ${timeOf(first.last)}`;
  return [
    `targets were scraped for only ${percent(share)} of the time that ${countOf(usual)} would have been${example}; ` +
      'where the pods went, nothing is lost, and where their scraping ended, calls are missing',
  ];
}

/** How many targets there were at each step; a target counts for the steps up to its last. */
function presence(targets: readonly ScrapedTarget[], window: ScrapeWindow): readonly number[] {
  const total = stepsIn(window);
  const changes = new Array<number>(total + 1).fill(0);
  const add = (index: number, by: number): void => {
    const place = Math.max(0, Math.min(total, index));
    changes[place] = (changes[place] ?? 0) + by;
  };
  for (const { steps, last } of targets) {
    const end = total - Math.floor((window.to - last) / window.stepSeconds);
    add(end - steps, 1);
    add(end, -1);
  }
  let count = 0;
  return changes.slice(0, total).map((change) => {
    count += change;
    return count;
  });
}

function stepsIn({ from, to, stepSeconds }: ScrapeWindow): number {
  return Math.max(1, Math.floor((to - from) / stepSeconds));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function countOf(count: number): string {
  return count === 1 ? 'one target' : `${String(count)} targets`;
}

function nameOf({ job, instance }: ScrapedTarget): string {
  return job === '' ? instance : `${job} ${instance}`;
}

/** Rounded down, so that what is not whole never reads as 100 %. */
function percent(share: number): string {
  return `${String(Math.floor(share * 1000) / 10)} %`;
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}
