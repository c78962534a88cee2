import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createTemplateRenderer } from '../../../src/adapters/templates/template-renderer.ts';

const directory = mkdtempSync(join(tmpdir(), 'meshwise-templates-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function rendered(source: string, model: object): string {
  writeFileSync(join(directory, 'one.hbs'), source);
  const escape = (text: string): string => text.replaceAll('*', String.raw`\*`);
  return createTemplateRenderer({ directory, escape })('one', model);
}

describe('createTemplateRenderer', () => {
  it('escapes every text of the model once, in lists and objects too', () => {
    const model = { a: '*', list: ['*', '&'], deep: { b: '*' } };
    expect(rendered('{{a}} {{#each list}}{{this}}{{/each}} {{deep.b}}', model)).toBe(String.raw`\* \*& \*`);
  });

  it('puts in as it is what the model says is finished Markdown, and nothing that only looks like it', () => {
    expect(rendered('{{a}}', { a: { markdown: '**bold**' } })).toBe('**bold**');
    expect(rendered('{{a.markdown}}', { a: { markdown: '*', other: 1 } })).toBe(String.raw`\*`);
  });

  it('never reads a text of the model as a template', () => {
    expect(rendered('{{a}}', { a: '{{b}}', b: 'secret' })).toBe('{{b}}');
  });

  it('throws when the model lacks a field that the template prints', () => {
    expect(() => rendered('{{missing}}', {})).toThrow(/missing/);
  });

  it('takes no name that leaves its folder', () => {
    const render = createTemplateRenderer({ directory, escape: (text) => text });
    expect(() => render('../one', {})).toThrow(/no template/);
  });

  it('finds the templates of the package by itself', () => {
    expect(() => createTemplateRenderer({ escape: (text) => text })('rollout/plan', {})).toThrow(/not defined/);
  });
});
