import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/adapters/config/read-config.ts';
import { AppError } from '../../../src/lib/errors.ts';

const WAIVER = '{check: unmeshed-callers, reason: legacy, owner: team-a, expires: 2027-01-31}';

const readWaivers = (file: string, text: string) => readConfig(file, text).waivers;

describe('reading waivers', () => {
  it('reads each with its reason, owner and end, and the object where it names one', () => {
    const text = `waivers:\n- ${WAIVER}\n- ${WAIVER.replace('}', ', object: Deployment shop/cart}')}\n`;
    const waiver = { check: 'unmeshed-callers', reason: 'legacy', owner: 'team-a', expires: '2027-01-31' };
    expect(readWaivers('meshwise.yaml', text)).toEqual([waiver, { ...waiver, object: 'Deployment shop/cart' }]);
  });

  it.each(['', '# nothing\n', 'waivers: []\n', '{}'])('finds none in %j', (text) => {
    expect(readWaivers('meshwise.yaml', text)).toEqual([]);
  });

  it.each([
    ['waiver: []', 'meshwise.yaml: it has no setting "waiver"'],
    ['waivers:', 'meshwise.yaml: waivers: it is not a list'],
    [`waivers: [${WAIVER.replace('2027-01-31', '2027-02-30')}]`, '"2027-02-30" is no date'],
    [`waivers: [${WAIVER.replace('2027-01-31', "'2027-01-31T12:00:00'")}]`, '"2027-01-31T12:00:00" is no date'],
    ['waivers: {}', 'meshwise.yaml: waivers: it is not a list'],
    ['waivers: [x]', 'meshwise.yaml: waivers[0]: it is not a map'],
    [`waivers: [${WAIVER.replace('owner: team-a, ', '')}]`, 'meshwise.yaml: waivers[0].owner: it is missing'],
    [`waivers: [${WAIVER.replace('2027-01-31', 'never')}]`, 'meshwise.yaml: waivers[0].expires: "never" is no date'],
    [`waivers: [${WAIVER.replace('}', ', objct: Deployment shop/cart}')}]`, 'it has no setting "objct"'],
    [`waivers: [${WAIVER.replace('}', ', object: }')}]`, 'meshwise.yaml: waivers[0].object'],
    ['waivers: [', 'meshwise.yaml:'],
    ['waivers: []\n---\nwaivers: []', 'it holds more than one document'],
    ['waivers: []\nwaivers: []', 'meshwise.yaml: '],
    ['- x', 'it is not a map of settings'],
  ])('refuses %j and says where', (text, message) => {
    expect(() => readWaivers('meshwise.yaml', text)).toThrow(message);
  });

  it.each([
    ['wavers: []', 'did you mean waivers?'],
    [`waivers: [${WAIVER.replace('owner', 'owners')}]`, 'did you mean owner?'],
  ])('says of %j what may be meant', (text, hint) => {
    let hints: readonly string[] = [];
    try {
      readWaivers('meshwise.yaml', text);
    } catch (error) {
      if (error instanceof AppError) hints = error.hints;
    }
    expect(hints.join()).toContain(hint);
  });

  it('gives waivers or a usage error for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Array.isArray(readWaivers('meshwise.yaml', text))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-config', exitStatus: 2 });
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
