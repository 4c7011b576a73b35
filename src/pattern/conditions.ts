/**
 * A pattern that looks around where it begins or ends says several things of one text, of which each
 * has an automaton: `^(?=.*\d)(?!.*--)[a-z\d-]+$` is `^.*\d`, not `^.*--`, and `^[a-z\d-]+$`.
 */
import type { AST } from "@eslint-community/regexpp";
import { type Automaton, compileTest, complement } from "./automaton.ts";
import { parsePattern, visit } from "./syntax.ts";

interface Condition {
  readonly source: string;
  /** The text must not match it. */
  readonly negate: boolean;
}

/** A text matches the pattern if all of these say so. Null if one of them can't be made. */
export function compileConditions(source: string): readonly Automaton[] | null {
  const automatons: Automaton[] = [];
  for (const { source: part, negate } of conditionsOf(source)) {
    const automaton = compileTest(part);
    if (automaton === null) return null;
    automatons.push(negate ? complement(automaton) : automaton);
  }
  return automatons;
}

function conditionsOf(source: string): readonly Condition[] {
  const pattern = parsePattern(source);
  const whole = [{ source, negate: false }];
  // A back-reference may connect what looks around with the rest.
  if (pattern.alternatives.length !== 1 || hasBackReference(pattern)) return whole;
  const [{ elements }] = pattern.alternatives;
  const looks: Condition[] = [];
  const begins = isEdge(elements[0], "start") ? 1 : 0;
  const ends = elements.length - (isEdge(elements.at(-1), "end") ? 1 : 0);
  let first = begins;
  for (; first > 0 && first < ends; first++) {
    const look = looking(elements[first], "lookahead");
    if (look === null) break;
    looks.push({ ...look, source: `^(?:${look.source})` });
  }
  let behind = ends;
  for (; behind < elements.length && behind > first; behind--) {
    const look = looking(elements[behind - 1], "lookbehind");
    if (look === null) break;
    looks.push({ ...look, source: `(?:${look.source})$` });
  }
  const rest = [
    ...elements.slice(0, begins),
    ...elements.slice(first, behind),
    ...elements.slice(ends),
  ];
  return [...looks, { source: rest.map(({ raw }) => raw).join(""), negate: false }];
}

function isEdge(node: AST.Element | undefined, kind: "start" | "end"): boolean {
  return node?.type === "Assertion" && node.kind === kind;
}

/** What is inside of `(?=…)` and the like. */
function looking(node: AST.Element, kind: "lookahead" | "lookbehind"): Condition | null {
  if (node.type !== "Assertion" || node.kind !== kind) return null;
  const source = node.alternatives.map(({ raw }) => raw).join("|");
  return { source, negate: node.negate };
}

function hasBackReference(pattern: AST.Pattern): boolean {
  let found = false;
  visit(pattern, ({ type }) => found ||= type === "Backreference");
  return found;
}
