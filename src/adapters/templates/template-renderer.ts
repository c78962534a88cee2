import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { asObject, asText } from '../../lib/json.ts';

/** Makes the text of a template's model; `name` is its path below the templates folder without `.hbs`. */
export type TemplateRenderer = (name: string, model: object) => string;

export interface TemplateOptions {
  /** Makes any text harmless in the format that the templates are written in. */
  readonly escape: (text: string) => string;
  /** The folder of the templates; the package's own unless given. */
  readonly directory?: string;
}

const OWN_TEMPLATES = fileURLToPath(new URL('../../../templates/', import.meta.url));

/**
 * Renders Handlebars templates of prose. Every text of a model is escaped once, by the given function, before a
 * template sees it; only an object `{ markdown: TEXT }`, by which the model says that it did so itself, is put in as it
 * is. A field that a template prints and the model lacks is an error that names it.
 */
export function createTemplateRenderer(options: TemplateOptions): TemplateRenderer {
  const directory = options.directory ?? OWN_TEMPLATES;
  const compiled = new Map<string, Handlebars.TemplateDelegate>();
  return (name, model) => {
    const template = compiled.get(name) ?? compile(directory, name);
    compiled.set(name, template);
    return template(escaped(model, options.escape));
  };
}

function compile(directory: string, name: string): Handlebars.TemplateDelegate {
  if (!/^[a-z0-9-]+(?:\/[a-z0-9-]+)*$/.test(name)) throw new Error(`no template can have the name ${name}`);
  const source = readFileSync(`${directory}/${name}.hbs`, 'utf8');
  // The escaping of Handlebars is for HTML only and cannot be exchanged for one renderer alone.
  return Handlebars.create().compile(source, { strict: true, noEscape: true, knownHelpersOnly: true });
}

function escaped(value: unknown, escape: (text: string) => string): unknown {
  if (typeof value === 'string') return escape(value);
  if (Array.isArray(value)) return (value as readonly unknown[]).map((member) => escaped(member, escape));
  const object = asObject(value);
  if (object === undefined) return value;
  const ready = asText(object['markdown']);
  if (ready !== undefined && Object.keys(object).length === 1) return ready;
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, escaped(member, escape)]));
}
