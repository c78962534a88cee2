import { describe, expect, test } from 'vitest';
import { afterChange, anyChange } from '../../../src/domain/mesh/request.ts';

const REQUEST = { method: 'GET', path: '/pub', host: 'server', sourceIp: '10.0.0.1' };

describe('a request behind whoever may change it', () => {
  test('lacks what may be changed, with the reason', () => {
    expect(afterChange(REQUEST, { facts: ['host'], why: 'rewritten' })).toEqual({
      method: 'GET',
      path: '/pub',
      sourceIp: '10.0.0.1',
      changed: 'rewritten',
    });
  });

  test('keeps where it comes from when anything may be changed', () => {
    expect(afterChange(REQUEST, anyChange('routed'))).toEqual({ sourceIp: '10.0.0.1', changed: 'routed' });
  });

  test('is the very same where nothing that is known of it may be changed', () => {
    const request = { method: 'GET' };
    expect(afterChange(request, { facts: ['path'], why: 'rewritten' })).toBe(request);
    expect(afterChange(request, undefined)).toBe(request);
  });
});
