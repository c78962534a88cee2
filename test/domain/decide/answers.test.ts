import { describe, expect, it } from 'vitest';
import { readAnswers } from '../../../src/domain/decide/answers.ts';

describe('readAnswers', () => {
  it('reads words and numbers, and the last of two answers', () => {
    const answers = readAnswers(['latency=no', 'latency=0.25', 'fips=must']);
    expect(answers.latency).toEqual({ value: 0.25, must: false, text: '0.25' });
    expect(answers.fips).toEqual({ value: 1, must: true, text: 'must' });
  });

  it.each(['latency', 'nosuch=yes', '=yes', 'existing-fit=yes'])('refuses %s and names the ids', (text) => {
    expect(() => readAnswers([text])).toThrow(/no question has the id/);
  });

  it.each(['latency=', 'latency=2', 'latency=-1', 'latency=maybe', 'latency=constructor'])('refuses %s', (text) => {
    expect(() => readAnswers([text])).toThrow(/which is no value/);
  });
});
