import { expect, it } from 'vitest';
import { pullRequestsDocument } from '../../../src/render/plan/pull-requests-document.ts';
import { renderDocument } from '../../../src/render/text/document.ts';

const branch = 'meshwise/allow-catch-all-shop-parcel';
const request = {
  ...{ stage: 'allow-catch-all-shop-parcel', state: 'created', title: '320 Everybody in shop-parcel is allowed' },
  ...{ branch, base: 'meshwise/shadow-shop-parcel', files: ['a', 'b'], bodyFile: 'README.md' },
};
const result = {
  ...{ repository: '.', base: 'main', path: 'rollout', pushed: false, remote: 'origin', pullRequests: [request] },
  left: [
    { stage: 'deny-shop', state: 'outline' },
    { stage: 'operate', state: 'ready' },
  ],
};
const text = renderDocument(pullRequestsDocument(result), { width: 80, colour: false });

it('never breaks the name of a branch, which is there to be copied', () => {
  expect(text).toContain(`created: ${branch}\n`);
  expect(text).toContain('meshwise/shadow-shop-parcel');
});

it('says of a stage without a branch whether it is an outline or only waits for one', () => {
  expect(text).toContain('deny-shop (outline)');
  expect(text.replace(/\s+/g, ' ')).toContain('operate (waits for one of these)');
});

it('says that no check runs before somebody installs it', () => {
  expect(text.replace(/\s+/g, ' ')).toContain('copy ci/meshwise-entry.yaml');
});
