/**
 * Compiles a regular expression into a program for `BoundedMatcher`. Only with the flag `u`, and with
 * whatever modifiers are inside.
 */
import type { AST } from "@eslint-community/regexpp";
import {
  type CharTest,
  charTest,
  type Flags,
  isNullable,
  modified,
  nativeTest,
  parsePattern,
  visit,
} from "./syntax.ts";

export type { CharTest } from "./syntax.ts";

export type Instruction =
  | { readonly op: "char"; readonly test: CharTest; readonly back: boolean }
  /** A single character, many times. `memo`: its number among those that can be remembered. */
  | {
    readonly op: "many";
    readonly test: CharTest;
    readonly back: boolean;
    readonly min: number;
    readonly max: number;
    readonly greedy: boolean;
    readonly memo: number;
  }
  /** Goes on at `first`; if that fails, at `second`. */
  | {
    readonly op: "split";
    readonly first: number;
    readonly second: number;
    readonly memo: number;
  }
  | { readonly op: "jump"; readonly to: number }
  /** Notes the position in a register. */
  | { readonly op: "save"; readonly register: number }
  | { readonly op: "clear"; readonly from: number; readonly to: number }
  /** Fails if the position is still that in the register. */
  | { readonly op: "moved"; readonly register: number }
  | { readonly op: "edge"; readonly at: "start" | "end"; readonly lines: boolean }
  | { readonly op: "word_edge"; readonly negate: boolean; readonly isWord: CharTest }
  | {
    readonly op: "look";
    readonly negate: boolean;
    /** Where the program goes on; the assertion's own begins right behind this instruction. */
    readonly next: number;
  }
  | {
    readonly op: "again";
    readonly groups: readonly number[];
    readonly back: boolean;
    readonly ignoreCase: boolean;
  }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** Two registers for each group, the whole match included, then others. */
  readonly registers: number;
  readonly groups: number;
  readonly names: ReadonlyMap<string, readonly number[]>;
  /**
   * How many instructions decide something that depends on nothing but the position. Then no decision
   * has to be made twice, and the time grows only with the text's length. 0: that isn't so here.
   */
  readonly memos: number;
}

/** A program that is longer than this comes from counts within counts, such as `(a{99}){99}`. */
const MOST_INSTRUCTIONS = 20_000;

/** The pattern's counts multiply to too much. */
export class PatternTooLarge extends Error {
  override readonly name = "PatternTooLarge";
}

/** Throws PatternTooLarge. `source` must be a regular expression that `new RegExp` takes. */
export function compilePattern(source: string): Program {
  const pattern = parsePattern(source);
  return new Compiler().compile(pattern);
}

class Compiler {
  readonly #code: Instruction[] = [];
  readonly #groups = new Map<AST.CapturingGroup, number>();
  readonly #names = new Map<string, number[]>();
  #registers = 2;
  #memos = 0;
  #canRemember = true;

  compile(pattern: AST.Pattern): Program {
    visit(pattern, (node) => {
      if (node.type !== "CapturingGroup") return;
      const number = this.#groups.size + 1;
      this.#groups.set(node, number);
      if (node.name !== null) {
        this.#names.set(node.name, [...this.#names.get(node.name) ?? [], number]);
      }
    });
    this.#registers = 2 * (this.#groups.size + 1);
    this.#alternatives(pattern, { ignoreCase: false, lines: false, dotAll: false }, false);
    this.#emit({ op: "match" });
    return {
      instructions: this.#code,
      registers: this.#registers,
      groups: this.#groups.size + 1,
      names: this.#names,
      memos: this.#canRemember ? this.#memos : 0,
    };
  }

  #emit(instruction: Instruction): number {
    if (this.#code.length >= MOST_INSTRUCTIONS) throw new PatternTooLarge("too many steps");
    return this.#code.push(instruction) - 1;
  }

  #alternatives(
    { alternatives }: { readonly alternatives: readonly AST.Alternative[] },
    flags: Flags,
    back: boolean,
  ): void {
    const ends: number[] = [];
    alternatives.forEach((alternative, index) => {
      const isLast = index === alternatives.length - 1;
      const split = isLast ? -1 : this.#emit({ op: "match" });
      const elements = back ? [...alternative.elements].reverse() : alternative.elements;
      for (const element of elements) this.#element(element, flags, back);
      if (isLast) return;
      ends.push(this.#emit({ op: "match" }));
      this.#split(split, split + 1, this.#code.length);
    });
    for (const end of ends) this.#code[end] = { op: "jump", to: this.#code.length };
  }

  #split(at: number, first: number, second: number): void {
    this.#code[at] = { op: "split", first, second, memo: this.#memos++ };
  }

  #element(node: AST.Element, flags: Flags, back: boolean): void {
    switch (node.type) {
      case "Character":
      case "CharacterClass":
      case "CharacterSet":
        this.#emit({ op: "char", test: charTest(node, flags), back });
        return;
      case "Group":
        return this.#alternatives(node, modified(flags, node), back);
      case "CapturingGroup": {
        const register = 2 * this.#groups.get(node)!;
        this.#emit({ op: "save", register: back ? register + 1 : register });
        this.#alternatives(node, flags, back);
        this.#emit({ op: "save", register: back ? register : register + 1 });
        return;
      }
      case "Quantifier":
        return this.#quantifier(node, flags, back);
      case "Backreference": {
        this.#canRemember = false;
        const resolved = Array.isArray(node.resolved) ? node.resolved : [node.resolved];
        const groups = resolved.map((group: AST.CapturingGroup) => this.#groups.get(group)!);
        this.#emit({ op: "again", groups, back, ignoreCase: flags.ignoreCase });
        return;
      }
      case "Assertion":
        return this.#assertion(node, flags);
      default:
        throw new Error(`Cannot compile a ${node.type}`);
    }
  }

  #assertion(node: AST.Assertion, flags: Flags): void {
    switch (node.kind) {
      case "start":
      case "end":
        this.#emit({ op: "edge", at: node.kind, lines: flags.lines });
        return;
      case "word": {
        const isWord = nativeTest("\\w", flags);
        this.#emit({ op: "word_edge", negate: node.negate, isWord });
        return;
      }
      case "lookahead":
      case "lookbehind": {
        this.#canRemember = false;
        const at = this.#emit({ op: "match" });
        this.#alternatives(node, flags, node.kind === "lookbehind");
        this.#emit({ op: "match" });
        this.#code[at] = { op: "look", negate: node.negate, next: this.#code.length };
      }
    }
  }

  #quantifier({ element, min, max, greedy }: AST.Quantifier, flags: Flags, back: boolean): void {
    if (max === 0) return;
    if (
      element.type === "Character" || element.type === "CharacterClass" ||
      element.type === "CharacterSet"
    ) {
      const memo = max === Infinity ? this.#memos++ : -1;
      const test = charTest(element, flags);
      this.#emit({ op: "many", test, back, min, max, greedy, memo });
      return;
    }
    const groups: number[] = [];
    visit(element, (node) => {
      if (node.type === "CapturingGroup") groups.push(this.#groups.get(node)!);
    });
    const once = () => {
      // What a group has caught in one round doesn't last into the next.
      if (groups.length > 0) {
        const [from, to] = [2 * Math.min(...groups), 2 * Math.max(...groups) + 1];
        this.#emit({ op: "clear", from, to });
      }
      this.#element(element, flags, back);
    };
    for (let i = 0; i < min; i++) once();
    const mayBeEmpty = isNullable(element);
    const optional = (after: (split: number) => void) => {
      const split = this.#emit({ op: "match" });
      const register = mayBeEmpty ? this.#registers++ : -1;
      if (mayBeEmpty) this.#emit({ op: "save", register });
      once();
      // A round that matches nothing doesn't count.
      if (mayBeEmpty) this.#emit({ op: "moved", register });
      after(split);
    };
    const choose = (split: number, out: number) => {
      const into = split + 1;
      this.#split(split, greedy ? into : out, greedy ? out : into);
    };
    if (mayBeEmpty) this.#canRemember = false;
    if (max === Infinity) {
      optional((split) => {
        this.#emit({ op: "jump", to: split });
        choose(split, this.#code.length);
      });
      return;
    }
    const splits: number[] = [];
    for (let i = min; i < max; i++) optional((split) => splits.push(split));
    for (const split of splits) choose(split, this.#code.length);
  }
}
