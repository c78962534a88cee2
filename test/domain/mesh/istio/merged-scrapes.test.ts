import { describe, expect, it } from 'vitest';
import { withMergedScrape } from '../../../../src/domain/mesh/istio/merged-scrapes.ts';
import { readPodShape, type PodShape } from '../../../../src/domain/world/pod-shape.ts';

const MERGED = {
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': '15020',
  'prometheus.io/path': '/stats/prometheus',
};

function pod(annotations: Readonly<Record<string, string>>): PodShape {
  return readPodShape({ annotations }, { containers: [{ name: 'app', image: 'example/app:1' }] });
}

describe('the annotations of a pod after injection', () => {
  it('send scrapes to the agent, whether or not the pod asked for any', () => {
    expect(withMergedScrape(pod({}), true).annotations).toEqual(MERGED);
    const asked = pod({ 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080', 'prometheus.io/path': '/m' });
    expect(withMergedScrape(asked, true).annotations).toEqual(MERGED);
  });

  it('stay where the mesh does not merge, unless the pod says so itself', () => {
    expect(withMergedScrape(pod({}), false).annotations).toEqual({});
    const own = { 'prometheus.istio.io/merge-metrics': 'true' };
    expect(withMergedScrape(pod(own), false).annotations).toEqual({ ...own, ...MERGED });
  });

  it.each([{ 'prometheus.io/scrape': 'false' }, { 'prometheus.istio.io/merge-metrics': 'false' }])(
    'stay where the pod says %o',
    (annotations) => {
      expect(withMergedScrape(pod(annotations), true).annotations).toEqual(annotations);
    },
  );
});
