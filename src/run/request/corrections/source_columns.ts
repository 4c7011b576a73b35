/** Columns of a run's file, as requests name them, and the values that their cells may hold. */
import { mappedRules } from "../../../importer/column_mapping.ts";
import { nearest } from "../../../importer/nearest.ts";
import { isDelimited } from "../../../source/format.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { displayName } from "../../../source/display_text.ts";

/** Characters of a value. */
export const MAX_VALUE = 1_000_000;

/** The column's name in the header, or what is wrong with the name that was given. */
export function findColumn(
  { header, definition }: Pick<Run, "header" | "definition">,
  given: string,
): { readonly name: string } | { readonly problem: string } {
  if (header.includes(given)) return { name: given };
  const shown = displayName(given);
  const rules = mappedRules(definition);
  const from = Object.hasOwn(rules, given)
    ? rules[given].from.find((name) => header.includes(name))
    : undefined;
  const meant = from ?? nearest(given, header);
  const hint = meant === null || meant === undefined
    ? `it has ${listed(header)}`
    : `did you mean ${JSON.stringify(displayName(meant))}?`;
  return { problem: `the file has no column ${JSON.stringify(shown)}; ${hint}` };
}

const MOST_NAMES = 20;

function listed(header: readonly string[]): string {
  const names = header.slice(0, MOST_NAMES).map(displayName).join(", ");
  return header.length > MOST_NAMES ? `${names} and ${header.length - MOST_NAMES} more` : names;
}

/** What is wrong with a value for any cell of the file; null if nothing is. */
export function problemOfValue({ source }: Pick<Run, "source">, value: string): string | null {
  if (value.includes("\0")) return "the value holds a NUL character, which Postgres can't hold";
  if (!value.isWellFormed()) return "the value holds half a character (a lone surrogate)";
  if (value.length > MAX_VALUE) {
    return `the value has ${value.length} characters, and at most ${MAX_VALUE} are allowed`;
  }
  if (!isDelimited(source.format)) return null;
  const { quote = '"', delimiter } = source.format;
  if (quote === null && (/[\r\n]/u.test(value) || value.includes(delimiter[0]))) {
    return "the value holds a delimiter or a line break, and the source has no quotes " +
      "(source.quote: none)";
  }
  return null;
}
