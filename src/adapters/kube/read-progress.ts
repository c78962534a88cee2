import type { Kind } from '../../domain/kubernetes/object.ts';
import { PAGE_SIZE } from './list-pages.ts';

/** How far the reading is; what is expected goes by the server's counts so far and grows as kinds are begun. */
export interface ReadProgress {
  readonly kind: Kind;
  /** Objects of the kind that came, and that are expected where the server says. */
  readonly objects: number;
  readonly expected?: number;
  readonly kindsDone: number;
  readonly kindsTotal: number;
  /** Objects and requests of all kinds. */
  readonly all: Amounts;
  readonly allExpected: Amounts;
}

interface Amounts {
  readonly objects: number;
  readonly requests: number;
}

interface Listed {
  objects: number;
  pages: number;
  remaining: number;
  done: boolean;
}

/** Adds up pages as they come. */
export interface ProgressMeter {
  page(kind: Kind, objects: number, remaining: number | undefined): ReadProgress;
  /** What came of the kind no longer counts, though it was asked for. */
  restart(kind: Kind): void;
  done(kind: Kind): void;
}

/** A meter for so many kinds, of which `settled` need no request; `further` requests come after the lists. */
export function createProgressMeter(kindsTotal: number, settled: number, further: number): ProgressMeter {
  const kinds = new Map<Kind, Listed>();
  const of = (kind: Kind): Listed => {
    const listed = kinds.get(kind) ?? { objects: 0, pages: 0, remaining: 0, done: false };
    kinds.set(kind, listed);
    return listed;
  };
  return {
    page: (kind, objects, remaining) => {
      const listed = of(kind);
      listed.objects += objects;
      listed.pages += 1;
      listed.remaining = remaining ?? 0;
      const expected = remaining === undefined ? {} : { expected: listed.objects + remaining };
      const kindsDone = settled + [...kinds.values()].filter(({ done }) => done).length;
      const sums = amounts([...kinds.values()], Math.max(0, kindsTotal - settled - kinds.size) + further);
      return { kind, objects: listed.objects, ...expected, kindsDone, kindsTotal, ...sums };
    },
    restart: (kind) => {
      of(kind).objects = 0;
    },
    done: (kind) => {
      Object.assign(of(kind), { done: true, remaining: 0 });
    },
  };
}

function amounts(kinds: readonly Listed[], further: number): { all: Amounts; allExpected: Amounts } {
  const sum = (of: (listed: Listed) => number): number => kinds.reduce((total, listed) => total + of(listed), 0);
  const all = { objects: sum(({ objects }) => objects), requests: sum(({ pages }) => pages) };
  const pages = sum(({ remaining }) => Math.ceil(remaining / Number(PAGE_SIZE)));
  const objects = all.objects + sum(({ remaining }) => remaining);
  return { all, allExpected: { objects, requests: all.requests + pages + further } };
}

/**
 * The progress as one line: how much of about how much, and about how long the rest takes at so many requests a second;
 * 0 means that nothing limits them, so that nobody can say.
 */
export function progressLine({ all, allExpected }: ReadProgress, qps: number): string {
  const left = qps > 0 ? Math.ceil((allExpected.requests - all.requests) / qps) : undefined;
  const objects = `${grouped(all.objects)} of about ${grouped(allExpected.objects)} objects`;
  const requests = `${grouped(all.requests)} of about ${grouped(allExpected.requests)} requests`;
  const time = left === undefined ? '' : `, about ${duration(left)} at ${String(qps)} requests a second`;
  return `reading the cluster: ${objects}, ${requests}${time}`;
}

function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${String(seconds)} s` : `${String(minutes)} min ${String(seconds % 60)} s`;
}
