import type { RolloutPlan } from '../../../src/domain/rollout/plan.ts';
import { compareText } from '../../../src/lib/order.ts';
import type { BundleTools } from '../../../src/render/bundle/bundle-tools.ts';
import type { BundleLayout } from '../../../src/render/bundle/layout.ts';
import { bundleFiles } from '../../../src/render/bundle/render-bundle.ts';

/** All files of the bundle at once, sorted by path. */
export function renderBundle(
  plan: RolloutPlan,
  tools: BundleTools,
  layout?: BundleLayout,
): ReadonlyMap<string, string> {
  const files = [...bundleFiles(plan, tools, layout)].map(([path, content]): [string, string] => [
    path,
    typeof content === 'string' ? content : [...content].join(''),
  ]);
  return new Map(files.sort(([left], [right]) => compareText(left, right)));
}
