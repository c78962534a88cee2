import { describe, expect, it } from 'vitest';

import { unreachableError } from '../../src/lib/errors.ts';
import { describeFailure } from '../../src/render/failure.ts';
import { renderFailure } from '../../src/render/text/failure.ts';

const context = { output: undefined, cancelled: false };

describe('describeFailure', () => {
  it('takes what was thrown after Ctrl-C for its consequence', () => {
    expect(describeFailure(new TypeError('x'), { ...context, cancelled: true })).toMatchObject({ status: 130 });
  });

  it('takes an error that nobody foresaw for a bug', () => {
    expect(describeFailure(new RangeError('x'), context)).toMatchObject({ status: 5, code: 'bug' });
  });
});

describe('renderFailure', () => {
  it('says what, then what to do, and where only if asked', () => {
    const failure = describeFailure(unreachableError('no-route', 'cannot reach 10.0.0.1', ['check the VPN']), context);
    expect(renderFailure(failure)).toBe('error: cannot reach 10.0.0.1 [no-route]\n  hint: check the VPN\n');
    expect(renderFailure(failure, 'Error\n    at x')).toContain('hint: check the VPN\n  Error\n      at x\n');
  });
});
