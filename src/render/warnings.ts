/** Warnings of which a folder may give hundreds, by what they have in common, with how to say it of all at once. */
const COMMON: readonly (readonly [shape: RegExp, said: (count: string) => string])[] = [
  [
    / is in .+ and, different, in .+; the last is used$/s,
    (count) => `${count} objects are there twice and differ; the last in path order is used`,
  ],
  [/^not read: .+/s, (count) => `${count} objects or files are not read`],
];

/** More alike than this are said in one line. */
const FEW = 3;

/** The warnings with those that are alike put into one line, with how many they are and the first of them. */
export function collapseWarnings(warnings: readonly string[]): readonly string[] {
  const shapes = COMMON.map(([shape, said]) => ({ said, alike: warnings.filter((warning) => shape.test(warning)) }));
  const many = shapes.filter(({ alike }) => alike.length > FEW);
  const collapsed = new Map(many.flatMap(({ said, alike }) => alike.map((each) => [each, { said, alike }] as const)));
  return warnings.flatMap((warning) => {
    const group = collapsed.get(warning);
    if (group === undefined) return [warning];
    if (group.alike[0] !== warning) return [];
    return [`${group.said(String(group.alike.length))}, as: ${warning} (-o wide names all)`];
  });
}
