import { oncePer } from '../../world/derived.ts';
import type { PolicyTarget } from './mtls/policy-levels.ts';
import type { ProxyView } from './proxy-view.ts';

type Labels = PolicyTarget['labels'];

/**
 * The resolver, asked once for each labels object of a namespace in each view: `labelsInForce` and the world give the
 * same object for the same pods. Only for resolvers whose answer depends on nothing else.
 */
export function oncePerTarget<T>(
  resolve: (view: ProxyView, target: PolicyTarget) => T,
): (view: ProxyView, target: PolicyTarget) => T {
  const byNamespace = oncePer<ProxyView, Labels, Map<string, { readonly answer: T }>>(() => new Map());
  return (view, { namespace, labels }) => {
    const answers = byNamespace(view, labels);
    const kept = answers.get(namespace) ?? { answer: resolve(view, { namespace, labels }) };
    answers.set(namespace, kept);
    return kept.answer;
  };
}
