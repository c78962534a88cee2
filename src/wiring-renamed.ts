/** The value with one text put for another wherever it stands, such as the path of an install, which differs by machine. */
export function renamed<T>(value: T, from: string, to: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(JSON.stringify(from).slice(1, -1), to)) as T;
}
