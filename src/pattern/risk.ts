/**
 * How long the platform's own regular expressions can take: an upper bound, from the pattern alone.
 * They try every way in which a text can be divided among the pattern's parts.
 */
import type { AST } from "@eslint-community/regexpp";
import { parsePattern, visit } from "./syntax.ts";

/** At most `factor` times the text's length to the power of `degree`. */
interface Ways {
  readonly factor: number;
  readonly degree: number;
}

const ONE: Ways = { factor: 1, degree: 0 };
const EACH: Ways = { factor: 1, degree: 1 };
const ENDLESS: Ways = { factor: Infinity, degree: Infinity };

/** Some milliseconds. */
const STEPS = 1_000_000;

/** The longest text, in UTF-16 units, for which the platform's own expression is quick for sure. */
export function quickLength(source: string): number {
  const pattern = parsePattern(source);
  // They change what a part takes. Too rare to think about.
  if (hasModifiers(pattern)) return 0;
  const { factor, degree } = ofAlternatives(pattern);
  if (factor > STEPS) return 0;
  // One more, as matching a single way takes time too; and another if it is tried at each position.
  const power = degree + 1 + (isAnchored(pattern) ? 0 : 1);
  return power === Infinity ? 0 : Math.floor((STEPS / factor) ** (1 / power));
}

function isAnchored({ alternatives }: AST.Pattern): boolean {
  return alternatives.every(({ elements: [first] }) =>
    first?.type === "Assertion" && first.kind === "start"
  );
}

function ofAlternatives(
  { alternatives }: { readonly alternatives: readonly AST.Alternative[] },
): Ways {
  const each = alternatives.map(({ elements }) => ofSequence(elements));
  return {
    factor: each.reduce((sum, { factor }) => sum + factor, 0),
    degree: Math.max(...each.map(({ degree }) => degree)),
  };
}

function ofSequence(elements: readonly AST.Element[]): Ways {
  let ways = ONE;
  let worst = ONE;
  elements.forEach((element, index) => {
    const isLook = element.type === "Assertion" &&
      (element.kind === "lookahead" || element.kind === "lookbehind");
    // There is no way back into an assertion, so its ways don't multiply what comes after it.
    if (isLook) worst = larger(worst, times(ways, times(ofAlternatives(element), EACH)));
    else if (!endsForSure(element, elements[index + 1])) ways = times(ways, ofElement(element));
  });
  return larger(ways, worst);
}

/**
 * Is this a repeated character, such as `[^@]+`, and next something that can only come where it ends,
 * such as `@`? Then there is only one place to go on.
 */
function endsForSure(element: AST.Element, next: AST.Element | undefined): boolean {
  if (element.type !== "Quantifier" || !isSingle(element.element)) return false;
  if (next?.type === "Assertion") return next.kind === "end";
  if (next?.type !== "Character" || next.value > 127) return false;
  return !takes(element.element, next.value);
}

function ofElement(node: AST.Element): Ways {
  switch (node.type) {
    case "Group":
    case "CapturingGroup":
      return ofAlternatives(node);
    case "Quantifier":
      return ofQuantifier(node);
    default:
      // A back-reference, too, can match in one way only, and what it takes is a part of the text.
      return ONE;
  }
}

function ofQuantifier({ element, min, max }: AST.Quantifier): Ways {
  const inside = ofElement(element);
  const rounds: Ways = max === Infinity ? EACH : { factor: max - min + 1, degree: 0 };
  if (hasOneWay(element)) return times(rounds, inside);
  const hasNoChoice = inside.factor === 1 && inside.degree === 0;
  if (hasNoChoice) return rounds;
  if (max === Infinity) return isSeparated(element) ? rounds : ENDLESS;
  let all = rounds;
  for (let round = 0; round < max && all.factor <= STEPS; round++) all = times(all, inside);
  return all;
}

/**
 * Does a round always take as many characters, like `(?!--).`? What its assertions take is then done
 * once in each round, however the rounds end.
 */
function hasOneWay(element: AST.QuantifiableElement): boolean {
  if (element.type !== "Group" && element.type !== "CapturingGroup") return false;
  const [{ elements }, ...others] = element.alternatives;
  return others.length === 0 &&
    elements.every((each) => isSingle(each) || each.type === "Assertion");
}

/**
 * A list like `(-[a-z]+)*`: each round begins with a character that its only repeated part can't
 * take. So a text has only one division into rounds.
 */
function isSeparated(element: AST.QuantifiableElement): boolean {
  if (element.type !== "Group" && element.type !== "CapturingGroup") return false;
  if (element.alternatives.length !== 1) return false;
  const [{ elements: [first, ...rest] }] = element.alternatives;
  if (first?.type !== "Character" || first.value > 127) return false;
  let repeated = 0;
  return rest.every((each) => {
    if (each.type === "Character") return true;
    const part = each.type === "Quantifier" ? each.element : each;
    if (!isSingle(part)) return false;
    if (each.type === "Quantifier" && each.min !== each.max && ++repeated > 1) return false;
    return !takes(part, first.value);
  });
}

type Single = AST.Character | AST.CharacterClass | AST.CharacterSet;

function isSingle(node: AST.Element): node is Single {
  return node.type === "Character" || node.type === "CharacterClass" ||
    node.type === "CharacterSet";
}

function takes({ raw }: Single, codePoint: number): boolean {
  return new RegExp(`^(?:${raw})$`, "u").test(String.fromCodePoint(codePoint));
}

function hasModifiers(pattern: AST.Pattern): boolean {
  let found = false;
  visit(pattern, (node) => {
    if (node.type === "Group" && node.modifiers !== null) found = true;
  });
  return found;
}

function larger(a: Ways, b: Ways): Ways {
  return { factor: a.factor + b.factor, degree: Math.max(a.degree, b.degree) };
}

function times(a: Ways, b: Ways): Ways {
  return { factor: a.factor * b.factor, degree: a.degree + b.degree };
}
