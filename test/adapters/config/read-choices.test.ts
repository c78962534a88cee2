import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/adapters/config/read-config.ts';
import { NO_CHOICES } from '../../../src/domain/rollout/choices.ts';
import { AppError } from '../../../src/lib/errors.ts';

const choicesIn = (plan: string) => readConfig('meshwise.yaml', `plan: ${plan}\n`).choices;

describe('reading choices', () => {
  it('takes what is written, and nothing for the rest', () => {
    const text = [
      'plan:',
      '  owners: {shop: team-shop}',
      '  waves: {maxWorkloads: 3, first: [shop]}',
      '  exclude:',
      '  - {what: shop/CronJob/report, reason: legacy}',
      '  coexist:',
      '  - {mesh: linkerd, reason: moves over in spring}',
      '  meshWide: true',
    ].join('\n');
    expect(readConfig('meshwise.yaml', text).choices).toEqual({
      ...NO_CHOICES,
      owners: { shop: 'team-shop' },
      waves: { maxWorkloads: 3, first: ['shop'] },
      exclude: [{ what: 'shop/CronJob/report', reason: 'legacy' }],
      coexist: [{ mesh: 'linkerd', reason: 'moves over in spring' }],
      meshWide: true,
    });
  });

  it('is nothing at all where the file has no plan', () => {
    expect(readConfig('meshwise.yaml', 'waivers: []').choices).toBeUndefined();
    expect(choicesIn('{}')).toEqual(NO_CHOICES);
  });

  it.each([
    ['{freeze: []}', 'meshwise.yaml: plan: it has no setting "freeze"'],
    ['{waves: {maxWorkload: 3}}', 'meshwise.yaml: plan.waves: it has no setting "maxWorkload"'],
    ['{waves: {maxWorkloads: 2.5}}', 'meshwise.yaml: plan.waves.maxWorkloads: it is no whole number'],
    ['{waves: {first: [a, b], last: [b]}}', 'meshwise.yaml: plan.waves: b is first and last'],
    ['{freezes: [{from: 2027-01-02, to: 2027-01-01, reason: r}]}', 'plan.freezes[0]: it ends before it begins'],
    ['{freezes: [{from: 2027-02-30, to: 2027-03-01, reason: r}]}', '"2027-02-30" is no date'],
    ['{owners: [shop]}', 'meshwise.yaml: plan.owners: it is not a map'],
    ['{owners: {shop: ""}}', 'meshwise.yaml: plan.owners.shop: it is missing, empty or not text'],
    ['{exclude: [{what: shop/cart, reason: r}]}', '"shop/cart" is no namespace or workload'],
    ['{coexist: [{mesh: isto, reason: r}]}', 'plan.coexist[0].mesh: "isto" is no mesh that takes pods'],
    ['{coexist: [{mesh: istio}]}', 'plan.coexist[0].reason: it is missing, empty or not text'],
    ['{labels: {sidecar.istio.io/inject: "true"}}', '"sidecar.istio.io/inject" is no key'],
    ['{annotations: {pod-security.kubernetes.io/enforce: baseline}}', 'is no key that generated objects may carry'],
    ['{meshWide: yes please}', 'meshwise.yaml: plan.meshWide: it is neither true nor false'],
  ])('refuses %j and says where', (plan, message) => {
    expect(() => choicesIn(plan)).toThrow(message);
  });

  it('says what a misspelt key may mean', () => {
    expect(() => choicesIn('{splitserviceaccounts: true}')).toThrow(
      expect.objectContaining({ hints: [expect.stringContaining('did you mean splitServiceAccounts?')] }),
    );
  });

  it('takes a freeze of one day', () => {
    const freeze = { from: '2027-01-01', to: '2027-01-01', reason: 'r' };
    expect(choicesIn(JSON.stringify({ freezes: [freeze] }))?.freezes).toEqual([freeze]);
  });

  it('gives choices or a usage error, whatever stands below plan', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(NO_CHOICES)), fc.jsonValue(), (key, value) => {
        try {
          expect(choicesIn(JSON.stringify({ [key]: value }))).toHaveProperty(key);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
          expect(error).toMatchObject({ code: 'bad-config', exitStatus: 2 });
        }
      }),
      { numRuns: 300 },
    );
  });
});
