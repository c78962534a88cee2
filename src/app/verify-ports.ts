import type { MetricAnswer } from '../domain/rollout/verify/metric-answers.ts';

/** Servers of metrics that answer queries; a failure is an answer too. */
export interface MetricsPort {
  /** What each server says to the query, in the order in which they were named. */
  ask(query: string): Promise<readonly MetricAnswer[]>;
}

/** The time, and waiting for it to pass. */
export interface Clock {
  /** Milliseconds that only grow. */
  now(): number;
  /** Throws the error that ends the program where the user cancels. */
  sleep(milliseconds: number): Promise<void>;
}
