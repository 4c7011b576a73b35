/** The numbers that a text may be, in all notations that people use. */
import type { NumberNotation } from "../../importer/definition.ts";
import { type Form, formOf, type NumberKind } from "./form.ts";

interface Notation {
  readonly whole: NumberKind;
  readonly fraction: NumberKind;
  readonly shape: RegExp;
}

/** From the plainest to the rarest. */
const NOTATIONS: readonly Notation[] = [
  notation(".", null),
  notation(",", null),
  notation(".", ","),
  notation(",", "."),
  notation(",", " "),
  notation(".", " "),
  notation(".", "'"),
];

function notation(decimal: string, thousands: string | null): Notation {
  const between = thousands === " " ? "[ \\u00a0\\u2009\\u202f]" : `[${thousands}\u2019]`;
  const digits = thousands === null ? "\\d+" : `(?:\\d+|[1-9]\\d{0,2}(?:${between}\\d{3})+)`;
  const id = `number ${decimal}${thousands ?? ""}`;
  const kind = { type: "number" as const, decimal, thousands };
  return {
    whole: { ...kind, id: `${id} whole`, isWhole: true },
    fraction: { ...kind, id, isWhole: false },
    shape: new RegExp(`^[+-]?(?:${digits}|(?=[${decimal}]\\d))([${decimal}]\\d*)?$`, "u"),
  };
}

/** No number of a file has more characters. */
const LONGEST = 200;

const EXPONENT = /^[+-]?\d+(?:\.\d*)?[eE][+-]?\d{1,4}$/u;
const SCIENTIFIC: NumberKind = NOTATIONS[0].fraction;

/** Most texts are none, and this is the quickest way to see it. */
const MAY_BE_ONE = /^(?:[-+(.,$€£¥₹ ]|[A-Z]{3} ?)*\d/u;

/** Null: it is no number. */
export function numberForm(text: string): Form | null {
  if (text.length > LONGEST || !MAY_BE_ONE.test(text)) return null;
  if (EXPONENT.test(text)) {
    return formOf({ kinds: [SCIENTIFIC], isLossy: false, needs: [], hasZone: false });
  }
  const { rest, needs } = withoutMarks(text);
  if (/[^\d.,+' \u00a0\u2009\u202f\u2019-]/u.test(rest)) return null;
  const kinds = NOTATIONS.flatMap(({ shape, whole, fraction }) => {
    const match = shape.exec(rest);
    return match === null ? [] : match[1] === undefined ? [whole] : [fraction];
  });
  if (kinds.length === 0) return null;
  return formOf({ kinds, isLossy: needs.length > 0 || isLossy(rest), needs, hasZone: false });
}

/** Would reading it as a number take something away that a person may want back? */
function isLossy(number: string): boolean {
  return /^\+|^-?0\d|^-[0.,]+$/u.test(number);
}

/** The number without what a definition has to accept beside it. */
function withoutMarks(text: string): { rest: string; needs: NumberNotation[] } {
  const needs: NumberNotation[] = [];
  let rest = text;
  const take = (shape: RegExp, need: NumberNotation, sign = "") => {
    const match = shape.exec(rest);
    if (match === null) return;
    needs.push(need);
    rest = sign + match.slice(1).find((part) => part !== undefined)!.trim();
  };
  take(/^\((.*\d.*)\)$/u, "parentheses", "-");
  take(
    /^(?:[$€£¥₹]|EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK)(.*\d.*)$|^(.*\d)\s*(?:[$€£¥₹]|EUR|USD|GBP|CHF|JPY|SEK|NOK|DKK|PLN|CZK)$/u,
    "currency",
  );
  take(/^([^-]*\d)-$/u, "trailing_minus", "-");
  take(/^(.*\d)\s?%$/u, "percent");
  return { rest, needs };
}
