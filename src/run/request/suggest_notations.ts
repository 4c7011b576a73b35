/** What a definition could say, so that most of what was refused would be taken. */
import type { ColumnRule, Definition } from "../../importer/definition.ts";
import { listGroups } from "../../ledger/groups/chosen_errors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { listRefusedValues, listUnreadableRows } from "../../ledger/rows/rows.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Suggestion } from "../../report/error_schema.ts";
import { suggestReading } from "./suggest_reading.ts";
import { type Notations, type RefusedKind, suggestNotation } from "../../row/suggest_notation.ts";

/** How many failed rows are looked at, and how many different values of a column. */
const ROWS = 2_000, VALUES = 500;
/** How many rows that could not be read. Those that have more bytes are left out. */
const UNREADABLE = 500, LONGEST = 10_000;

/** First how rows are read, then the values of columns. */
export async function suggestNotations(ledger: Ledger, run: Run): Promise<readonly Suggestion[]> {
  return [...await suggestForRows(ledger, run), ...await suggestForColumns(ledger, run)];
}

async function suggestForRows(ledger: Ledger, run: Run): Promise<readonly Suggestion[]> {
  // Whether there are any, batches have noted: to look for them in a million failed rows takes 0.3 s.
  const groups = await listGroups(ledger, run.id);
  if (!groups.some(({ code }) => code === "malformed" || code === "other")) return [];
  const rows = await listUnreadableRows(ledger, run.id, UNREADABLE, LONGEST);
  const { source: { format }, header, definition } = run;
  const found = suggestReading(rows, { format, header }, definition.source);
  if (found === null) return [];
  const { definition: written, fits } = found;
  return [{ column: null, definition: written, otherwise: null, fits, of: rows.length }];
}

async function suggestForColumns(ledger: Ledger, run: Run): Promise<readonly Suggestion[]> {
  const refused = await listRefusedValues(ledger, run.id, ROWS);
  return suggestForValues(run.definition, refused);
}

export interface RefusedValue {
  readonly column: string;
  readonly message: string;
  readonly value: string;
}

/** For each column of whose values most have one notation. */
export function suggestForValues(
  { columns: rules }: Pick<Definition, "columns">,
  refused: readonly RefusedValue[],
): readonly Suggestion[] {
  const columns = Map.groupBy(refused, ({ column }) => column);
  return [...columns].flatMap(([column, list]) => {
    const rule = rules?.[column];
    const kind = kindOf(rule, list[0].message);
    if (kind === null) return [];
    const values = [...new Set(list.map(({ value }) => value))].slice(0, VALUES);
    const found = suggestNotation(kind, values);
    if (found === null) return [];
    const known = rule?.format ?? [];
    return [{
      column,
      definition: written(found.notation, known),
      otherwise: found.otherwise && written(found.otherwise, known),
      fits: found.fits,
      of: values.length,
    }];
  });
}

/** As the types of row/types word what they expect. */
const EXPECTATIONS: readonly (readonly [string, RefusedKind])[] = [
  ["must be a date and time", "timestamp"],
  ["must be a date", "date"],
  ["must be a time", "time"],
  ["must be a number", "numeric"],
  ["must be a whole number", "integer"],
];

/** Without a type in the definition, the table's column decided; the message says what it was. */
function kindOf(rule: ColumnRule | undefined, message: string): RefusedKind | null {
  switch (rule?.type) {
    case "date":
    case "time":
    case "timestamp":
    case "numeric":
    case "integer":
      return rule.type;
    case "float":
      return "numeric";
  }
  return EXPECTATIONS.find(([words]) => message.includes(` field ${words}`))?.[1] ?? null;
}

/** In YAML, as it stands in a column's mapping. `formats`: those that the column has already. */
function written(notation: Notations, formats: readonly string[]): string {
  const { format, decimal, thousands, accept } = notation;
  const parts = [];
  if (format !== undefined) {
    const all = [...formats, format].map(scalar);
    parts.push(`format: ${all.length === 1 ? all[0] : `[${all.join(", ")}]`}`);
  }
  if (decimal !== undefined) parts.push(`decimal: ${JSON.stringify(decimal)}`);
  if (thousands !== undefined) parts.push(`thousands: ${JSON.stringify(thousands)}`);
  if (accept !== undefined) parts.push(`accept: [${accept.join(", ")}]`);
  return parts.join(", ");
}

/** With quotes where YAML would read something else. */
function scalar(text: string): string {
  return /^[A-Za-z][A-Za-z0-9_./ -]*$/u.test(text) ? text : JSON.stringify(text);
}
