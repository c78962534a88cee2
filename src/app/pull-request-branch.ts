import { usageError } from '../lib/errors.ts';
import type { BranchHead } from './ports/pull-request-repository.ts';

const LONGEST = 120;
const PREFIX = 'meshwise/';

/**
 * The branch of a stage: `meshwise/` and its id, in which all but small letters, digits and dashes is spelled out, so
 * that no id means anything to Git and no two fall together on a file system that ignores case.
 */
export function branchOf(id: string): string {
  const spelled = Array.from(id, (letter) =>
    /[a-z0-9-]/.test(letter) ? letter : `_${(letter.codePointAt(0) ?? 0).toString(16)}.`,
  )
    .join('')
    .replaceAll('.', '_');
  return `${PREFIX}${spelled.slice(0, LONGEST)}`;
}

export interface Message {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
}

/** The commit message of a stage. The trailers say whose the commit is, and which files it had when it was made. */
export function messageOf({ id, title, summary }: Message, tree: string): string {
  const trailers = [`Meshwise-Stage: ${oneLine(id)}`, `Meshwise-Tree: ${tree}`];
  return `${oneLine(title)}\n\n${oneLine(summary)}\n\n${trailers.join('\n')}\n`;
}

/** Refuses the branch of a stage as a base: what is on it waits for its review, and would count as merged. */
export function refuseOwnBase(base: string): void {
  if (!base.startsWith(PREFIX)) return;
  throw usageError(
    'base-is-a-stage',
    `${base} is the branch of a stage, so that pull requests cannot be merged into it`,
    'name the branch that they are to be merged into with --base main, or check it out',
  );
}

/** Refuses a branch that is not, or no longer, what meshwise made of it for that stage. */
export function refuseForeign(branch: string, head: BranchHead, id: string): void {
  const stage = trailerOf(head.message, 'Meshwise-Stage');
  if (stage !== oneLine(id)) {
    throw usageError(
      'not-our-branch',
      `the branch ${branch} is there already, and its last commit is not meshwise's`,
      'rename or delete that branch, or take it out of --stage',
    );
  }
  if (trailerOf(head.message, 'Meshwise-Tree') !== head.tree) {
    throw usageError(
      'branch-edited',
      `somebody changed the files of the branch ${branch} since meshwise wrote it`,
      'merge it as it is, or delete the branch to have it written anew',
    );
  }
}

function trailerOf(message: string, key: string): string | undefined {
  const lines = message.trimEnd().split('\n');
  const last = lines.slice(lines.lastIndexOf('') + 1);
  return last.find((line) => line.startsWith(`${key}: `))?.slice(key.length + 2);
}

/** Text that can be no line of its own. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 2000);
}
