/**
 * Which characters of the BMP a part of a pattern matches. What depends on Unicode's data, or on
 * folding of case, is asked of the platform's own expressions, so nothing can differ from them.
 */
import type { AST } from "@eslint-community/regexpp";
import type { CharNode, Flags } from "./syntax.ts";

/** First and last code points of ranges, in order, with gaps between them: [first, last, first, …]. */
export type CharSet = readonly number[];

/** The last code point of the BMP. */
export const LAST = 0xffff;
const FIRST_SURROGATE = 0xd800, LAST_SURROGATE = 0xdfff;

const DIGITS: CharSet = [0x30, 0x39];
const WORD: CharSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
export const LINE_ENDS: CharSet = [0x0a, 0x0a, 0x0d, 0x0d, 0x2028, 0x2029];
const ANY: CharSet = [0, LAST];

/** What matches the node. Surrogates, which are no characters, may be in or out. */
export function charSet(node: CharNode, flags: Flags): CharSet {
  if (flags.ignoreCase && node.type === "Character") return withoutCase(node);
  return plainSet(node, flags) ?? nativeSet(node.raw, flags);
}

/** A character in upper and lower case, and whatever else counts as the same. */
function withoutCase({ raw, value }: AST.Character): CharSet {
  if (value > LAST) return [];
  cased ??= charactersOf(nativeSet("\\p{Changes_When_Casemapped}", PLAIN));
  const same = Array.from(cased.matchAll(new RegExp(raw, "giu")), ([found]) => found.charCodeAt(0));
  return union([value, ...same].map((each) => range(each, each)));
}

const PLAIN: Flags = { ignoreCase: false, lines: false, dotAll: false };
/** Only these have others that are the same without case: some 2,800 of 63,000. */
let cased: string | null = null;

function charactersOf(set: CharSet): string {
  let all = "";
  for (let i = 0; i < set.length; i += 2) all += characters(set[i], set[i + 1]);
  return all;
}

/** `\w`: with `ignoreCase`, a few more letters belong to it. */
export function wordSet(flags: Flags): CharSet {
  return flags.ignoreCase ? nativeSet("\\w", flags) : WORD;
}

/** The set, if it follows from the pattern's text alone. */
function plainSet(
  node: AST.ClassIntersection | AST.ClassSubtraction | AST.CharacterClassElement | CharNode,
  flags: Flags,
): CharSet | null {
  if (flags.ignoreCase) return null;
  switch (node.type) {
    case "Character":
      return range(node.value, node.value);
    case "CharacterClassRange":
      return range(node.min.value, node.max.value);
    case "CharacterSet":
      switch (node.kind) {
        case "any":
          return flags.dotAll ? ANY : complement(LINE_ENDS);
        case "digit":
          return node.negate ? complement(DIGITS) : DIGITS;
        case "word":
          return node.negate ? complement(WORD) : WORD;
        default:
          return null;
      }
    case "CharacterClass": {
      const parts: CharSet[] = [];
      for (const element of node.elements) {
        const part = plainSet(element, flags);
        if (part === null) return null;
        parts.push(part);
      }
      const all = union(parts);
      return node.negate ? complement(all) : all;
    }
    default:
      return null;
  }
}

function range(first: number, last: number): CharSet {
  return first > LAST ? [] : [first, Math.min(last, LAST)];
}

export function union(sets: readonly CharSet[]): CharSet {
  const ranges: [first: number, last: number][] = [];
  for (const set of sets) for (let i = 0; i < set.length; i += 2) ranges.push([set[i], set[i + 1]]);
  ranges.sort(([a], [b]) => a - b);
  const result: number[] = [];
  for (const [first, last] of ranges) {
    const end = result.length - 1;
    if (end > 0 && first <= result[end] + 1) result[end] = Math.max(result[end], last);
    else result.push(first, last);
  }
  return result;
}

function complement(set: CharSet): CharSet {
  const result: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (set[i] > next) result.push(next, set[i] - 1);
    next = set[i + 1] + 1;
  }
  if (next <= LAST) result.push(next, LAST);
  return result;
}

/** Most patterns use the same few. What takes a millisecond to find out is a few kilobytes to keep. */
const known = new Map<string, CharSet>();
const MOST_KNOWN = 100;

/** Lets the platform's expression run over all characters. */
function nativeSet(raw: string, { ignoreCase, dotAll }: Flags): CharSet {
  const flags = `gu${ignoreCase ? "i" : ""}${dotAll ? "s" : ""}`;
  const key = `${flags} ${raw}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const runs = new RegExp(`(?:${raw})+`, flags);
  const found: number[] = [];
  for (const first of [0, LAST_SURROGATE + 1]) {
    const last = first === 0 ? FIRST_SURROGATE - 1 : LAST;
    for (const { index, 0: run } of characters(first, last).matchAll(runs)) {
      found.push(first + index, first + index + run.length - 1);
    }
  }
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, found);
  return found;
}

function characters(first: number, last: number): string {
  const units = new Uint16Array(last - first + 1);
  for (let index = 0; index < units.length; index++) units[index] = first + index;
  // A byte order mark is a character like others.
  return new TextDecoder("utf-16le", { ignoreBOM: true }).decode(units);
}
