import { describe, expect, it } from 'vitest';
import { autoscalersOf, type HorizontalAutoscaler } from '../../../../src/domain/world/platform/autoscalers.ts';
import type { JsonObject } from '../../../../src/lib/json.ts';
import { worldFrom } from '../../../support/build-world.ts';
import { object } from './platform-world.ts';

const target = { kind: 'Deployment', name: 'cart' };

function horizontal(apiVersion: string, spec: JsonObject, metadata: JsonObject = {}): HorizontalAutoscaler | undefined {
  const parts = {
    metadata: { name: 'one', namespace: 'shop', ...metadata },
    spec: { scaleTargetRef: target, maxReplicas: 5, ...spec },
  };
  const fact = autoscalersOf(worldFrom([object(apiVersion, 'HorizontalPodAutoscaler', parts)])).horizontal;
  return fact.known ? fact.value[0] : undefined;
}

describe('autoscalersOf', () => {
  it('tells metrics that count the containers of the whole pod from those that do not', () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'c', target: { type: 'Utilization' } },
      },
      { type: 'External', external: { metric: { name: 'queue' }, target: { type: 'AverageValue' } } },
    ];
    const scaler = horizontal('autoscaling/v2', { metrics });
    expect(scaler).toMatchObject({ target: 'Deployment/cart', min: 1, max: { known: true, value: 5 } });
    expect(scaler?.metrics).toEqual({
      known: true,
      value: [
        { type: 'Resource', name: 'cpu', target: 'Utilization', countsSidecars: true },
        { type: 'ContainerResource', name: 'cpu', target: 'Utilization', countsSidecars: false },
        { type: 'External', name: 'queue', target: 'AverageValue', countsSidecars: false },
      ],
    });
  });

  it('takes the default of the API server where no metric is written', () => {
    expect(horizontal('autoscaling/v2', {})?.metrics).toMatchObject({ known: true, value: [{ name: 'cpu' }] });
  });

  it('does not know the metrics that the older version keeps in an annotation', () => {
    const annotations = { 'autoscaling.alpha.kubernetes.io/metrics': '[]' };
    expect(horizontal('autoscaling/v1', {}, { annotations })?.metrics.known).toBe(false);
    expect(horizontal('autoscaling/v1', {})?.metrics.known).toBe(true);
  });

  it('reads vertical autoscalers and those of KEDA', () => {
    const world = worldFrom([
      object('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', {
        spec: { targetRef: target, updatePolicy: { updateMode: 'Off' } },
      }),
      object('keda.sh/v1alpha1', 'ScaledObject', { spec: { scaleTargetRef: { name: 'cart' } } }),
    ]);
    expect(autoscalersOf(world)).toMatchObject({
      vertical: { known: true, value: [{ updateMode: 'Off', target: 'Deployment/cart' }] },
      event: { known: true, value: [{ min: 0, target: 'Deployment/cart' }] },
    });
  });
});
