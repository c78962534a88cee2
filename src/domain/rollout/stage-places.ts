interface Places {
  readonly byId: Map<string, number>;
  /** How many stages of the list are in it. */
  read: number;
}

const kept = new WeakMap<object, Places>();

/**
 * The first stage of that id in a list that only grows, or undefined; a stage may give way to another one of its id.
 * Found by place, because a plan of thousands of stages asks for each of them.
 */
export function stageOf<T extends { readonly id: string }>(stages: readonly T[], id: string): T | undefined {
  const before = kept.get(stages);
  const places =
    before === undefined || before.read > stages.length ? { byId: new Map<string, number>(), read: 0 } : before;
  if (places !== before) kept.set(stages, places);
  for (const stage of stages.slice(places.read)) {
    if (!places.byId.has(stage.id)) places.byId.set(stage.id, places.read);
    places.read += 1;
  }
  const place = places.byId.get(id);
  const found = place === undefined ? undefined : stages[place];
  return found === undefined || found.id === id ? found : stages.find((stage) => stage.id === id);
}
