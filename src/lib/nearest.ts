import { editDistance } from './edit-distance.ts';

/** The choice that somebody most likely meant by a word, or undefined where none is near: at most a third may differ. */
export function nearest(word: string, choices: readonly string[]): string | undefined {
  let best: { readonly choice: string; readonly distance: number } | undefined;
  for (const choice of choices) {
    const distance = editDistance(word.toLowerCase(), choice.toLowerCase());
    if (distance <= Math.ceil(choice.length / 3) && (best === undefined || distance < best.distance)) {
      best = { choice, distance };
    }
  }
  return best?.choice;
}
