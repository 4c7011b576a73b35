/** What a pattern is made of. */
import { type AST, RegExpParser } from "@eslint-community/regexpp";

/** Does a code point match? */
export type CharTest = (codePoint: number) => boolean;

export interface Flags {
  readonly ignoreCase: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
}

export function parsePattern(source: string): AST.Pattern {
  return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, {
    unicode: true,
  });
}

/** The flags inside a group such as `(?i:…)`. */
export function modified(flags: Flags, { modifiers }: AST.Group): Flags {
  const { add, remove } = modifiers ?? { add: null, remove: null };
  const on = (key: "ignoreCase" | "multiline" | "dotAll", before: boolean) =>
    add?.[key] ? true : remove?.[key] ? false : before;
  return {
    ignoreCase: on("ignoreCase", flags.ignoreCase),
    lines: on("multiline", flags.lines),
    dotAll: on("dotAll", flags.dotAll),
  };
}

/** Calls `look` for the node and everything in it, in the order of the text. */
export function visit(
  node: AST.Pattern | AST.Element | AST.Alternative,
  look: (node: AST.Node) => void,
) {
  look(node);
  switch (node.type) {
    case "Pattern":
    case "Group":
    case "CapturingGroup":
      for (const each of node.alternatives) visit(each, look);
      break;
    case "Alternative":
      for (const each of node.elements) visit(each, look);
      break;
    case "Quantifier":
      visit(node.element, look);
      break;
    case "Assertion":
      if (node.kind === "lookahead" || node.kind === "lookbehind") {
        for (const each of node.alternatives) visit(each, look);
      }
  }
}

/** Can the pattern match without taking a character? */
export function mayBeEmpty(source: string): boolean {
  return parsePattern(source).alternatives.some(({ elements }) => elements.every(isNullable));
}

/** Can it match without taking a character? */
export function isNullable(node: AST.Element): boolean {
  switch (node.type) {
    case "Group":
    case "CapturingGroup":
      return node.alternatives.some(({ elements }) => elements.every(isNullable));
    case "Quantifier":
      return node.min === 0 || isNullable(node.element);
    case "Assertion":
    case "Backreference":
      return true;
    default:
      return false;
  }
}

export type CharNode = AST.Character | AST.CharacterClass | AST.CharacterSet;

/** The platform's own expression for one character; its answers for ASCII are remembered. */
export function charTest(node: CharNode, flags: Flags): CharTest {
  if (node.type === "Character" && !flags.ignoreCase) {
    const { value } = node;
    return (codePoint) => codePoint === value;
  }
  return nativeTest(node.raw, flags);
}

export function nativeTest(raw: string, { ignoreCase, dotAll }: Flags): CharTest {
  const native = new RegExp(`^(?:${raw})$`, `u${ignoreCase ? "i" : ""}${dotAll ? "s" : ""}`);
  const ascii = Array.from({ length: 128 }, (_, code) => native.test(String.fromCharCode(code)));
  return (codePoint) =>
    codePoint < 128 ? ascii[codePoint] : native.test(String.fromCodePoint(codePoint));
}
