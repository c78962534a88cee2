import type { RolloutPlan } from '../../domain/rollout/plan.ts';
import type { BundleTools } from './bundle-tools.ts';
import type { BundleLayout } from './layout.ts';

/** What every file of a bundle is made from. */
export interface RenderContext {
  readonly plan: RolloutPlan;
  readonly tools: BundleTools;
  readonly layout: BundleLayout;
}
