/**
 * Compiles a regular expression into what a thread of a match does next: takes a character, goes two
 * ways, or stands at an edge. Loops are written out, so a thread has no memory but its place.
 */
import type { AST } from "@eslint-community/regexpp";
import { type CharSet, charSet, LINE_ENDS, union, wordSet } from "./char_set.ts";
import { type CharNode, type Flags, isNullable, modified, parsePattern } from "./syntax.ts";

/** A place between two characters. */
export interface Edge {
  /** Which of the two counts. For `word`, exactly one of them must be in the set. */
  readonly beside: "before" | "after" | "word";
  readonly set: number;
  /** The text's beginning or end counts like a character of the set. */
  readonly textEdge: boolean;
  /** Any other place. */
  readonly negate: boolean;
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

/** The pattern is too large, looks back, or looks around at more than one character. */
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
    if (isChar(node)) {
      const key = `char ${flags.ignoreCase} ${flags.dotAll} ${node.raw}`;
      return this.#add({ op: "char", set: this.#set(key, () => charSet(node, flags)), next });
    }
    switch (node.type) {
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
        const set = this.#set(`lines ${flags.lines}`, () => flags.lines ? LINE_ENDS : []);
        const beside = node.kind === "start" ? "before" : "after";
        return { beside, set, textEdge: true, negate: false };
      }
      case "word": {
        const set = this.#set(`word ${flags.ignoreCase}`, () => wordSet(flags));
        return { beside: "word", set, textEdge: false, negate: node.negate };
      }
      case "lookahead":
        return this.#look(node, flags, "after", "end");
      case "lookbehind":
        return this.#look(node, flags, "before", "start");
    }
  }

  /** Looks at one character, such as `(?<!\d)`, or at the text's edge, such as `(?=\s|$)`. */
  #look(
    node: AST.LookaroundAssertion,
    flags: Flags,
    beside: "before" | "after",
    edge: "start" | "end",
  ): Edge {
    let textEdge = false;
    const sets = node.alternatives.map(({ elements }) => {
      const [element] = elements;
      if (elements.length === 1 && isChar(element)) return charSet(element, flags);
      const isEdge = elements.length === 1 && element.type === "Assertion" && element.kind === edge;
      if (!isEdge) throw new NotRegular();
      textEdge = true;
      return flags.lines ? LINE_ENDS : [];
    });
    const set = this.#set(`look ${JSON.stringify(flags)} ${node.raw}`, () => union(sets));
    return { beside, set, textEdge, negate: node.negate };
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

function isChar(node: AST.Element): node is CharNode {
  return node.type === "Character" || node.type === "CharacterClass" ||
    node.type === "CharacterSet";
}
