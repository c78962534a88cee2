import { describe, expect, it } from 'vitest';

import { scopeOf } from '../../src/app/inventory-filters.ts';
import { AppError } from '../../src/lib/errors.ts';

function refusalOf(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('filters of the inventory', () => {
  it('take values that are repeated or joined by commas, in any case', () => {
    const { namespaces, states, modes } = scopeOf({
      namespaces: ['shop,pay', 'shop'],
      states: ['Leaving, partial'],
      modes: ['strict', 'none'],
    });
    expect(namespaces).toEqual(['shop', 'pay']);
    expect(states).toEqual(['leaving', 'partial']);
    expect(modes).toEqual(['strict', 'none']);
  });

  it('take all namespaces for several, as kubectl does', () => {
    expect(scopeOf({ namespaces: ['shop'], allNamespaces: true }).namespaces).toEqual([]);
    expect(scopeOf({ namespaces: ['shop'], allNamespaces: false }).namespaces).toEqual(['shop']);
  });

  it.each([
    [{ states: ['enroled'] }, 'unknown-state', ['did you mean enrolled?', 'uncaptured']],
    [{ modes: ['strickt'] }, 'unknown-mode', ['did you mean strict?', 'permissive']],
    [{ meshes: ['istoi'] }, 'unknown-mesh', ['did you mean istio?', 'none']],
  ])('refuse %j with a suggestion and all choices', (typed, code, [suggestion, choice]) => {
    const error = refusalOf(() => scopeOf(typed));
    expect(error).toMatchObject({ code, exitStatus: 2 });
    expect(error.hints[0]).toBe(suggestion);
    expect(error.hints[1]).toContain(choice);
  });

  it('suggest nothing that is nowhere near', () => {
    expect(refusalOf(() => scopeOf({ states: ['xyzxyz'] })).hints).toHaveLength(1);
  });

  it('refuse what is no label selector', () => {
    expect(refusalOf(() => scopeOf({ selector: 'app in' }))).toMatchObject({ code: 'bad-selector', exitStatus: 2 });
  });
});
