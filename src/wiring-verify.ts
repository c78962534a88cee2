import { setTimeout as wait } from 'node:timers/promises';
import type { CallsSource } from './app/ports.ts';
import type { Clock, MetricsPort } from './app/verify-ports.ts';
import type { MetricAnswer } from './domain/rollout/verify/metric-answers.ts';
import type { EvidenceFlags } from './evidence-flags.ts';
import { AppError, EXIT } from './lib/errors.ts';
import { access } from './wiring-evidence.ts';
import type { Surroundings } from './wiring-surroundings.ts';

/** The Prometheus servers that the flags name by URL, to answer gates; undefined where none is. */
export function wireMetrics(
  flags: EvidenceFlags,
  surroundings: Pick<Surroundings, 'signal' | 'release'>,
): MetricsPort | undefined {
  const urls = (flags.prometheus ?? []).filter((place) => /^https?:\/\//i.test(place));
  if (urls.length === 0) return undefined;
  return {
    ask: async (query) => {
      const [{ askGate }, { proxyFor }] = await Promise.all([
        import('./adapters/prometheus/ask-gate.ts'),
        import('./adapters/kube/proxy-environment.ts'),
      ]);
      const { match, ...rest } = access(flags);
      if (match !== undefined) return [{ source: 'prometheus', failed: NOT_LIMITED }];
      const askOne = (url: string): Promise<MetricAnswer> => {
        const proxyUrl = URL.canParse(url) ? proxyFor(new URL(url), process.env) : undefined;
        return askGate({ ...rest, url, proxyUrl, signal: surroundings.signal() }, query);
      };
      try {
        return await Promise.all(urls.map(askOne));
      } finally {
        surroundings.release();
      }
    },
  };
}

/** A query of a plan asks about one cluster; over several, another one may answer for it. */
const NOT_LIMITED =
  'it watches several clusters (--prometheus-match), and the queries of a gate cannot be limited to one: ask a Prometheus of this cluster alone';

/** A clock that the user's Ctrl-C stops. */
export function wireClock(signal: () => AbortSignal): Clock {
  return {
    now: () => performance.now(),
    sleep: async (milliseconds) => {
      try {
        await wait(milliseconds, undefined, { signal: signal() });
      } catch {
        throw new AppError('cancelled while waiting', { code: 'cancelled', exitStatus: EXIT.cancelled });
      }
    },
  };
}

/** The same calls at every look: who called in the last days is not asked again every few seconds. */
export function readOnce(source: CallsSource): CallsSource {
  let kept: ReturnType<CallsSource['read']> | undefined;
  return { read: () => (kept ??= source.read()) };
}
