/**
 * Tells the kernel about letters (assembly/letters.ts): the runtime itself is asked for each
 * character, so that the kernel can't differ from the text path.
 */
import { LETTERS } from "./contract.ts";
import { allCharacters, CHARACTERS, fillClass } from "./first_plane.ts";
import type { Kernel } from "./instance.ts";
import { storedOnce } from "./stored_once.ts";
import { storeStructures } from "./structures.ts";

/** Blocks without any upper or lower case are passed over. */
const BLOCK = 32;

/** The numbers of differences, and what the kernel leaves to its caller. */
const UNCHANGED = 0, UNSURE = 255;
const IS_LETTER = 1, IN_WORD = 2;

interface CaseTable {
  /** For each character, the number of a difference. */
  readonly numbers: Uint8Array;
  /** What is added to a character. */
  readonly differences: Int32Array;
}

interface LetterTables {
  readonly lower: CaseTable;
  readonly upper: CaseTable;
  readonly kinds: Uint8Array;
}

let tables: LetterTables | null = null;

/** Returns the place of the kernel's tables, which take 200 KB and are stored once. */
export const lettersOf = storedOnce(storeLetters);

function storeLetters(kernel: Kernel): number {
  tables ??= makeTables();
  const { lower, upper, kinds } = tables;
  return storeStructures(kernel, LETTERS, [{
    lower: kernel.store(lower.numbers),
    lowerBy: kernel.store(new Uint8Array(lower.differences.buffer)),
    upper: kernel.store(upper.numbers),
    upperBy: kernel.store(new Uint8Array(upper.differences.buffer)),
    kinds: kernel.store(kinds),
  }]);
}

function makeTables(): LetterTables {
  const all = allCharacters();
  return {
    lower: caseTable(all, (text) => text.toLowerCase()),
    upper: caseTable(all, (text) => text.toUpperCase()),
    kinds: kindTable(),
  };
}

function caseTable(all: string, change: (text: string) => string): CaseTable {
  const numbers = new Uint8Array(CHARACTERS).fill(UNCHANGED);
  const known = new Map([[0, UNCHANGED]]);
  for (let block = 0; block < CHARACTERS; block += BLOCK) {
    const before = all.slice(block, block + BLOCK);
    if (change(before) === before) continue;
    for (let character = block; character < block + BLOCK; character++) {
      numbers[character] = numberOf(all[character], change, known);
    }
  }
  return { numbers, differences: Int32Array.from(known.keys()) };
}

/** How a sigma is written in lower case depends on what stands around it. */
const SIGMA = "Σ";

function numberOf(
  before: string,
  change: (text: string) => string,
  known: Map<number, number>,
): number {
  const after = change(before);
  // More than one character, such as `SS` for a sharp s, or one beyond the first plane.
  if (before === SIGMA || after.length !== 1) return after === before ? UNCHANGED : UNSURE;
  const difference = after.charCodeAt(0) - before.charCodeAt(0);
  const number = known.get(difference) ?? known.size;
  if (number >= UNSURE) return UNSURE;
  known.set(difference, number);
  return number;
}

/** Letters, and what continues a word, as `title` has them (row/transform.ts). */
function kindTable(): Uint8Array {
  const kinds = new Uint8Array(CHARACTERS);
  fillClass(kinds, "[\\p{L}\\p{N}'’\\p{M}]", IN_WORD);
  fillClass(kinds, "\\p{L}", IS_LETTER | IN_WORD);
  return kinds;
}
