/** The query that finds the rows of a look-up table that have certain values. */
import { identifier, qualified } from "../../db/quoting.ts";
import type { Matched } from "../../row/pipeline.ts";
import type { TableColumn } from "../catalog/table.ts";
import { asText } from "../as_text.ts";
import { askedValues, valueNames } from "./asked_values.ts";

/** A row of its answer, for each value that has been found. */
export interface Match {
  /** The value's place among those that were asked for, from 1. */
  readonly n: number;
  /** How many rows have the value. */
  readonly rows: number;
  /** What the row returns; of several, of any. */
  readonly value: string | null;
}

/**
 * SQL, with one parameter for each compared column: the texts of its values. Postgres compares, as the
 * column does; so what is equal to what is never decided here, and the answer has places, not values.
 */
export function matchQuery({ match, returns, where, ...table }: Matched): string {
  const names = valueNames(match);
  const columns = match.map(({ column }, index) =>
    `${identifier(column.name)} as ${columnName(index)}`
  );
  const compared = match.map(({ column }, index) =>
    `t.${columnName(index)} ${column.equal} v.${names[index]}`
  );
  // The condition stands alone with the table, so that it can't mean a column of ours.
  return `select v.n::int as n, count(*) as rows, min(t.r) as value
    from ${askedValues(match)}
    join (select ${returned(returns)} as r, ${columns.join(", ")}
      from ${qualified(table)}${where === null ? "" : ` where (${where}\n)`}) t
      on ${compared.join(" and ")}
    group by v.n`;
}

function columnName(index: number): string {
  return `m${index + 1}`;
}

const DATES: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz"]);

/** SQL: the value as text. JSON has dates in ISO 8601, whatever the session's DateStyle. */
function returned(column: TableColumn): string {
  const name = identifier(column.name);
  return DATES.has(column.baseType) ? `to_jsonb(${name}) #>> '{}'` : asText(column, name);
}
