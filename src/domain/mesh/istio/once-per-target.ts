import { oncePer } from '../../world/derived.ts';
import type { PolicyTarget } from './mtls/policy-levels.ts';

type Labels = PolicyTarget['labels'];

/**
 * The resolver, asked once for each labels object of a namespace in each view: `labelsInForce` and the world give the
 * same object for the same pods. Only for resolvers whose answer depends on nothing else.
 */
export function oncePerTarget<V extends object, T>(
  resolve: (view: V, target: PolicyTarget) => T,
): (view: V, target: PolicyTarget) => T {
  const byNamespace = oncePer<V, Labels, Map<string, { readonly answer: T }>>(() => new Map());
  return (view, { namespace, labels }) => {
    const answers = byNamespace(view, labels);
    const kept = answers.get(namespace) ?? { answer: resolve(view, { namespace, labels }) };
    answers.set(namespace, kept);
    return kept.answer;
  };
}
