import { KEPT_DOMAINS, PORT_WORDS } from './kept-words.ts';
import type { Pseudonym } from './pseudonyms.ts';

/** `myApp` and `MyAPP` are two words each, so that no two names become one. */
const WORD = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g;
/** A run that may be a host, an API group or a name. */
const DOTTED = /[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?/g;
const ADDRESS = /^[0-9A-Fa-f:.]*[.:][0-9A-Fa-f:.]*(\/\d+)?$/;
const CERTIFICATE = /-----BEGIN|^LS0tLS1CRUdJTi/;
const DIGEST = /sha256:[0-9a-f]{64}/g;

/** The words of a text that pseudonyms may stand for, in lower case: all but those of domains that stay. */
export function wordsIn(text: string): readonly string[] {
  if (isNoText(text)) return [];
  return parts(text).flatMap((part) => (part.match(WORD) ?? []).map((word) => word.toLowerCase()));
}

/**
 * The text with each word in it replaced. What stands between words stays, so that `a-b`, `a.b.svc.cluster.local` and
 * `A_B_SERVICE_HOST` are made of the same pseudonyms.
 */
export function renameText(text: string, pseudonym: Pseudonym): string {
  if (isNoText(text)) return text;
  let end = 0;
  let renamed = '';
  for (const { 0: digest, index } of text.matchAll(DIGEST)) {
    renamed += renameRuns(text.slice(end, index), pseudonym) + digest;
    end = index + digest.length;
  }
  return renamed + renameRuns(text.slice(end), pseudonym);
}

/** The name of a port: the protocol that it begins with stays. */
export function renamePort(name: string, pseudonym: Pseudonym): string {
  const first = /^[a-z]+/.exec(name)?.[0] ?? '';
  return PORT_WORDS.has(first) ? first + renameText(name.slice(first.length), pseudonym) : renameText(name, pseudonym);
}

function renameRuns(text: string, pseudonym: Pseudonym): string {
  return text.replaceAll(DOTTED, (run) =>
    KEPT_DOMAINS.test(run) ? run : run.replaceAll(WORD, (word) => pseudonym(word)),
  );
}

function parts(text: string): readonly string[] {
  return (text.replaceAll(DIGEST, ' ').match(DOTTED) ?? []).filter((run) => !KEPT_DOMAINS.test(run));
}

function isNoText(text: string): boolean {
  return CERTIFICATE.test(text) || (/\d/.test(text) && ADDRESS.test(text));
}
