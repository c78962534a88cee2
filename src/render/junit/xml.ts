/** An element with its attributes; text and child elements in order. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children?: readonly (XmlElement | string)[];
}

/** The element as an XML 1.0 document (UTF-8), well-formed whatever text it holds, with a final newline. */
export function renderXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elementText(root, '')}\n`;
}

function elementText({ name, attributes, children = [] }: XmlElement, margin: string): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const open = `${margin}<${name}${written.join('')}`;
  if (children.length === 0) return `${open}/>`;
  if (children.every((child) => typeof child === 'string')) return `${open}>${children.map(textOf).join('')}</${name}>`;
  const inner = children.map((child) =>
    typeof child === 'string' ? `${margin}  ${textOf(child)}` : elementText(child, `${margin}  `),
  );
  return [`${open}>`, ...inner, `${margin}</${name}>`].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // A parser makes spaces of these in attributes.
  '\n': '&#10;',
  '\r': '&#13;',
  '\t': '&#9;',
};

/**
 * What XML 1.0 has no way to write (control characters, lone surrogates, U+FFFE and U+FFFF), and what reorders or hides
 * text where it is shown.
 */
const NOT_TEXT = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]|[\u007f-\u009f]|\p{Cf}/gu;

/** Text for an attribute, without what XML 1.0 cannot hold. */
function escapeXml(text: string): string {
  return text.replace(NOT_TEXT, '').replace(/[&<>"'\n\r\t]/g, (character) => ENTITIES[character] ?? character);
}

/** In content lines may stay lines; a carriage return alone would become one. */
function textOf(text: string): string {
  return escapeXml(text).replaceAll('&#10;', '\n').replaceAll('&#9;', '\t');
}
