/**
 * Compiles a regular expression into what a thread of a match does next: takes a character, goes two
 * ways, or stands at an edge. Loops are written out, so a thread has no memory but its place.
 */
import type { AST } from "@eslint-community/regexpp";
import { type CharSet, charSet, LINE_ENDS, wordSet } from "./char_set.ts";
import { type Flags, isNullable, modified, parsePattern } from "./syntax.ts";

/** Where the two characters beside an edge have to be, and not be. */
export interface Edge {
  readonly at: "start" | "end" | "word";
  readonly negate: boolean;
  /**
   * Behind or before which characters it is an edge, too: line ends or none. For `word`, which ones
   * make words.
   */
  readonly set: number;
}

export type Thread =
  /** Takes a character of this set. */
  | { readonly op: "char"; readonly set: number; readonly next: number }
  /** Goes both ways, and prefers the first. */
  | { readonly op: "split"; readonly next: number; readonly second: number }
  | { readonly op: "edge"; readonly edge: Edge; readonly next: number }
  | { readonly op: "match" };

export interface Threads {
  /** The first one is the match. */
  readonly threads: readonly Thread[];
  readonly start: number;
  readonly sets: readonly CharSet[];
  /** A loop whose round may be empty: which way is preferred can't be said as above. */
  readonly hasEmptyRounds: boolean;
}

const MOST_THREADS = 2_000;
/** Counts within counts may repeat nothing very often. */
const MOST_ELEMENTS = 10_000;

/** The pattern is too large, or looks around or back. */
class NotRegular extends Error {}

/** `source` must be a regular expression that `new RegExp` takes. */
export function compileThreads(source: string): Threads | null {
  try {
    return new Compiler().compile(parsePattern(source));
  } catch (error) {
    if (error instanceof NotRegular) return null;
    throw error;
  }
}

/** Compiles from the end to the beginning: what comes next is known. */
class Compiler {
  readonly #threads: Thread[] = [{ op: "match" }];
  readonly #sets: CharSet[] = [];
  readonly #numbers = new Map<string, number>();
  #elements = 0;
  #hasEmptyRounds = false;

  compile(pattern: AST.Pattern): Threads {
    const flags = { ignoreCase: false, lines: false, dotAll: false };
    const start = this.#alternatives(pattern, flags, 0);
    return {
      threads: this.#threads,
      start,
      sets: this.#sets,
      hasEmptyRounds: this.#hasEmptyRounds,
    };
  }

  #add(thread: Thread): number {
    if (this.#threads.length >= MOST_THREADS) throw new NotRegular();
    return this.#threads.push(thread) - 1;
  }

  #set(key: string, make: () => CharSet): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#sets.push(make()) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  #alternatives(
    { alternatives }: { readonly alternatives: readonly AST.Alternative[] },
    flags: Flags,
    next: number,
  ): number {
    return alternatives
      .map(({ elements }) =>
        elements.reduceRight((after, element) => this.#element(element, flags, after), next)
      )
      .reduceRight((second, first) => this.#add({ op: "split", next: first, second }));
  }

  #element(node: AST.Element, flags: Flags, next: number): number {
    if (++this.#elements > MOST_ELEMENTS) throw new NotRegular();
    switch (node.type) {
      case "Character":
      case "CharacterClass":
      case "CharacterSet": {
        const key = `${node.raw} ${flags.ignoreCase} ${flags.dotAll}`;
        return this.#add({ op: "char", set: this.#set(key, () => charSet(node, flags)), next });
      }
      case "Group":
        return this.#alternatives(node, modified(flags, node), next);
      case "CapturingGroup":
        return this.#alternatives(node, flags, next);
      case "Quantifier":
        return this.#quantifier(node, flags, next);
      case "Assertion":
        return this.#add({ op: "edge", edge: this.#edge(node, flags), next });
      default:
        throw new NotRegular();
    }
  }

  #edge(node: AST.Assertion, flags: Flags): Edge {
    switch (node.kind) {
      case "start":
      case "end": {
        const set = this.#set(
          flags.lines ? "line ends" : "none",
          () => flags.lines ? LINE_ENDS : [],
        );
        return { at: node.kind, negate: false, set };
      }
      case "word": {
        const key = `\\w ${flags.ignoreCase} word`;
        return { at: "word", negate: node.negate, set: this.#set(key, () => wordSet(flags)) };
      }
      default:
        throw new NotRegular();
    }
  }

  #quantifier({ element, min, max, greedy }: AST.Quantifier, flags: Flags, next: number): number {
    if (max === 0) return next;
    if (isNullable(element)) this.#hasEmptyRounds = true;
    const choose = (round: number, out: number): Thread =>
      greedy
        ? { op: "split", next: round, second: out }
        : { op: "split", next: out, second: round };
    let entry = next;
    if (max === Infinity) {
      entry = this.#add(choose(next, next));
      this.#threads[entry] = choose(this.#element(element, flags, entry), next);
    } else {
      for (let i = min; i < max; i++) {
        entry = this.#add(choose(this.#element(element, flags, entry), next));
      }
    }
    for (let i = 0; i < min; i++) entry = this.#element(element, flags, entry);
    return entry;
  }
}
