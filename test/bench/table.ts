import type { Usage } from './measure.ts';
import type { ClusterSize } from './synthetic-cluster.ts';

/** What reading a cluster of one size in one way took. */
export interface Row {
  readonly size: ClusterSize;
  readonly source: string;
  readonly megabytes: number;
  readonly subject: Usage;
  readonly baseline: Usage;
  /** Requests for pods. */
  readonly requests: number;
}

/** The rows as a Markdown table, with the growth from the smaller to the larger cluster below it. */
export function tableOf(rows: readonly Row[], pairs: number): string {
  const head = [
    '| pods | read from | MB | inventory s (CPU) | parsing alone s (CPU) | ratio (CPU) | peak MB | requests for pods |',
    '|---:|---|---:|---:|---:|---:|---:|---:|',
  ];
  const growth = [...new Set(rows.map(({ source }) => source))].flatMap((source) => {
    const [small, full] = rows.filter((row) => row.source === source);
    return small === undefined || full === undefined ? [] : [growthOf(small, full)];
  });
  return [`Medians of ${String(pairs)} interleaved pairs.`, '', ...head, ...rows.map(lineOf), '', ...growth].join('\n');
}

function lineOf({ size, source, megabytes, subject, baseline, requests }: Row): string {
  const cells = [
    String(size.pods),
    source,
    megabytes.toFixed(0),
    timesOf(subject),
    timesOf(baseline),
    `${ratio(subject.seconds, baseline.seconds)} (${ratio(subject.cpuSeconds, baseline.cpuSeconds)})`,
    subject.peakMegabytes.toFixed(0),
    requests === 0 ? '' : String(requests),
  ];
  return `| ${cells.join(' | ')} |`;
}

function timesOf({ seconds, cpuSeconds }: Usage): string {
  return `${seconds.toFixed(2)} (${cpuSeconds.toFixed(2)})`;
}

function growthOf(small: Row, full: Row): string {
  const time = ratio(full.subject.seconds, small.subject.seconds);
  const cpu = ratio(full.subject.cpuSeconds, small.subject.cpuSeconds);
  const memory = ratio(full.subject.peakMegabytes, small.subject.peakMegabytes);
  const pods = `${String(small.size.pods)} to ${String(full.size.pods)} pods`;
  return `Growth from ${pods}, ${full.source}: time ${time} (CPU ${cpu}), memory ${memory}.`;
}

function ratio(one: number, other: number): string {
  return `${(one / other).toFixed(2)}x`;
}
