import { validateHeaderName, validateHeaderValue } from 'node:http';
import { wrongOption } from './prometheus-errors.ts';

/** What tells where a message ends and whom it is for: HTTP itself sets these (RFC 9110, section 7.6.1; RFC 9112, section 6). */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** The headers by lower-case name; throws where one is not fit to be sent. */
export function checkedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
    } catch {
      throw wrongOption('--prometheus-header: not the name of a header', 'Give it as NAME: VALUE.');
    }
    if (FRAMING.has(name.toLowerCase())) {
      throw wrongOption(`--prometheus-header: ${name} is set by HTTP itself`, 'Leave it out.');
    }
    checked[name.toLowerCase()] = checkedValue(name, value);
  }
  return checked;
}

/** The value, if it is fit for a header. Node's own message is not passed on: the value may be a secret. */
export function checkedValue(name: string, value: string): string {
  try {
    validateHeaderValue(name, value);
    return value;
  } catch {
    throw wrongOption(
      `the value of header ${name} has characters that no header may have`,
      'Look for a line break in it.',
    );
  }
}
