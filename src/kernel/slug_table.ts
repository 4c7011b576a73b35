/** Tells the kernel what `slug` makes of each character (assembly/slug.ts), by asking the runtime. */
import { SLUG_MARK } from "./contract.ts";
import { allCharacters, CHARACTERS } from "./first_plane.ts";
import type { Kernel } from "./instance.ts";
import { storedOnce } from "./stored_once.ts";

/** Characters without a decomposition or case are passed over in blocks of this many. */
const BLOCK = 32;

let table: Uint16Array | null = null;

/** Returns the place of the table, which takes 128 KB. */
export const slugTableOf = storedOnce((kernel: Kernel) => {
  table ??= makeTable(allCharacters());
  return kernel.store(new Uint8Array(table.buffer));
});

function makeTable(all: string): Uint16Array<ArrayBuffer> {
  const marks = new Uint16Array(CHARACTERS).fill(SLUG_MARK.separator);
  for (const { index, 0: run } of all.matchAll(/[\p{L}\p{N}]+/gu)) {
    for (let at = index; at < index + run.length; at++) marks[at] = at;
  }
  for (let block = 0; block < CHARACTERS; block += BLOCK) {
    const before = all.slice(block, block + BLOCK);
    if (reduced(before) === before) continue;
    for (let at = block; at < block + BLOCK; at++) marks[at] = markOf(all[at], marks[at]);
  }
  return marks;
}

/** The first steps of `slug` (row/transform.ts); what is left over is separated by hyphens. */
function reduced(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** `unchanged`: the mark of a character that stays as it is. */
function markOf(character: string, unchanged: number): number {
  const left = reduced(character);
  if (left === character && character !== SIGMA) return unchanged;
  if (left === "") return SLUG_MARK.dropped;
  if (/^[^\p{L}\p{N}]+$/u.test(left)) return SLUG_MARK.separator;
  if (left.length > 1 || character.normalize("NFKD").includes(SIGMA)) return SLUG_MARK.unsure;
  return left.charCodeAt(0);
}

/** How a sigma is written in lower case depends on what stands around it. */
const SIGMA = "Σ";
