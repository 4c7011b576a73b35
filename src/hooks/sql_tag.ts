/** `sql` of afterBatch: statements that the batch's own transaction executes. */

import { isOneStatement } from "./one_statement.ts";

/** Executes one statement, with `$1` … for its parameters. */
export type Execute = (text: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>;

/** What may be executed: nothing that ends the transaction, or stays after it. */
const ALLOWED = ["select", "insert", "update", "delete", "merge", "with", "values", "call"];

/** sql`update t set a = ${value}`, or sql("update t set a = $1", [value]). */
export function sqlTag(execute: Execute) {
  return (text: unknown, ...values: unknown[]): Promise<readonly unknown[]> => {
    if (typeof text === "string") {
      const [parameters = []] = values;
      if (!Array.isArray(parameters) || values.length > 1) {
        return Promise.reject(
          new TypeError('sql(text, parameters): expected a list, as sql("… $1", [value])'),
        );
      }
      return checked(text, parameters, execute);
    }
    if (!Array.isArray(text)) {
      return Promise.reject(new TypeError("sql: expected a statement, as sql`select 1`"));
    }
    const parts = text as readonly string[];
    const statement = parts.reduce((all, part, at) => at === 0 ? part : `${all}$${at}${part}`, "");
    return checked(statement, values, execute);
  };
}

async function checked(
  text: string,
  parameters: readonly unknown[],
  execute: Execute,
): Promise<readonly unknown[]> {
  const word = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|\()*([a-z]+)/iu.exec(text)?.[1] ?? "";
  if (!ALLOWED.includes(word.toLowerCase())) {
    throw new TypeError(
      `sql can't execute ${word === "" ? "this" : word.toUpperCase()}; expected one statement of ` +
        `${ALLOWED.join(", ")}`,
    );
  }
  if (!isOneStatement(text)) throw new TypeError("sql executes one statement at a time");
  return await execute(text, parameters.map(toParameter));
}

/** What a parameter is in a line of JSON. Postgres reads texts; lists are arrays. */
function toParameter(value: unknown): unknown {
  if (value === undefined) throw new TypeError("sql: a parameter is undefined; use null for none");
  if (value === null || ["string", "boolean"].includes(typeof value)) return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toParameter);
  throw new TypeError(
    "sql: a parameter is an object; send JSON as text, as ${JSON.stringify(value)}::jsonb",
  );
}
