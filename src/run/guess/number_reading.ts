/** In which notation the values of a column are numbers. */
import type { ColumnFacts } from "./column_profile.ts";
import type { Form, NumberKind } from "./form.ts";
import { countOf, kindsIn, type Reading, reading, type ReadingRule } from "./reading.ts";

/** The notation in which most values are numbers; of several, the plainest. */
export function asNumber(facts: ColumnFacts, isWhole: boolean): Reading | null {
  const notations = new Map(
    kindsIn(facts, ["number"]).map((kind) => [`${kind.decimal}${kind.thousands}`, kind]),
  );
  const candidates = [...notations.values()].map((notation) => ({
    notation,
    count: countOf(facts, (form) => isNumber(form, notation, isWhole)),
  })).sort((a, b) => b.count - a.count || rank(a.notation) - rank(b.notation));
  const [best] = candidates;
  if (best === undefined || best.count === 0) return null;
  const asMany = (notation: NumberKind) =>
    countOf(facts, (form) => isNumber(form, notation, false)) >= best.count;
  const other = candidates.find(({ notation }) =>
    notation.decimal !== best.notation.decimal && asMany(notation) &&
    readsDifferently(facts, notation, best.notation)
  );
  const fits = (form: Form) => isNumber(form, best.notation, isWhole);
  const needs = [
    ...new Set([...facts.forms.keys()].filter(fits).flatMap((form) => form.needs)),
  ];
  const accept = needs.length === 0 ? {} : { accept: needs.length === 1 ? needs[0] : needs };
  return reading(
    facts,
    isWhole ? "integer" : "numeric",
    { ...notationRule(best.notation), ...accept },
    fits,
    other === undefined ? null : { ...notationRule(other.notation), ...accept },
  );
}

const RANKS = [".null", ",null", ".,", ",.", ", ", ". ", ".'"];

function rank({ decimal, thousands }: NumberKind): number {
  return RANKS.indexOf(`${decimal}${thousands}`);
}

function isNumber({ kinds }: Form, notation: NumberKind, isWhole: boolean): boolean {
  return kinds.some((kind) =>
    kind.type === "number" && isSame(kind, notation) && (kind.isWhole || !isWhole)
  );
}

function isSame(one: NumberKind, other: NumberKind): boolean {
  return one.decimal === other.decimal && one.thousands === other.thousands;
}

/** Is a value with a fraction in one notation a whole number in the other? */
function readsDifferently(facts: ColumnFacts, one: NumberKind, other: NumberKind): boolean {
  return [...facts.forms.keys()].some(({ kinds }) => {
    const find = (notation: NumberKind) =>
      kinds.find((kind) => kind.type === "number" && isSame(kind, notation)) as
        | NumberKind
        | undefined;
    const [a, b] = [find(one), find(other)];
    return a !== undefined && b !== undefined && a.isWhole !== b.isWhole;
  });
}

function notationRule({ decimal, thousands }: NumberKind): ReadingRule {
  return {
    ...decimal !== "." && { decimal },
    ...thousands !== null && { thousands },
  };
}
