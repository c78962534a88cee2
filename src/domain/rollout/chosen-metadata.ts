import type { Step } from '../world/step.ts';
import type { Choices } from './choices.ts';

/** By this label an object is known as one that a plan made. */
const MANAGED_BY = 'app.kubernetes.io/managed-by';

/**
 * The steps with the labels and annotations that people chose on every manifest that a plan makes; an object of somebody
 * else that a step edits stays without them. What the plan itself says of an object stands.
 */
export function withChosenMetadata(steps: readonly Step[], choices: Choices): readonly Step[] {
  const { labels, annotations } = choices;
  const hasLabels = Object.keys(labels).length > 0;
  const hasAnnotations = Object.keys(annotations).length > 0;
  if (!hasLabels && !hasAnnotations) return steps;
  return steps.map((step): Step => {
    if (step.step !== 'apply' || step.manifest.metadata.labels?.[MANAGED_BY] !== 'meshwise') return step;
    const { metadata } = step.manifest;
    const chosen = {
      ...metadata,
      labels: { ...labels, ...metadata.labels },
      ...(hasAnnotations ? { annotations: { ...annotations, ...metadata.annotations } } : {}),
    };
    return { ...step, manifest: { ...step.manifest, metadata: chosen } };
  });
}
