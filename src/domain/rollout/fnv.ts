/**
 * The 32-bit FNV-1a hash of the text's UTF-16 code units, as hexadecimal digits (8 of them, or as many as asked for).
 * Names things stably; not for secrets. Source: http://www.isthe.com/chongo/tech/comp/fnv/.
 */
export function fnvHex(text: string, digits = 8): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0').slice(0, digits);
}
