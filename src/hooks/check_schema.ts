/** What the schema of a hooks file says of a row. */
import { messageOf } from "./cells.ts";
import { placeIn } from "./json_values.ts";
import { leftOut } from "./left_out.ts";
import type { HookError, SentChildren } from "./messages.ts";
import type { Row, Schema } from "./read_hooks.ts";
import { nameOf } from "./value_words.ts";

export interface Failed {
  readonly errors: readonly HookError[];
}

export function threw(error: unknown, hook: string): Failed {
  return failed(messageOf(error, hook));
}

function failed(message: string, field: number | null = null): Failed {
  return { errors: [{ message, field }] };
}

/** The row as the schema gives it. What it doesn't name stays in the row. */
export function checkSchema(
  schema: Schema,
  row: Row,
  fields: ReadonlyMap<string, number>,
  children: readonly SentChildren[],
): { readonly row: Row } | Failed {
  let result: unknown;
  try {
    result = schema.safeParse(row);
  } catch (error) {
    return threw(error, "schema");
  }
  if (typeof result !== "object" || result === null) {
    return failed(`schema gave ${nameOf(result)}.`);
  }
  const { success, data, error } = result as {
    success?: unknown;
    data?: unknown;
    error?: { issues?: readonly { message: string; path?: readonly PropertyKey[] }[] };
  };
  if (success === true) {
    if (typeof data !== "object" || data === null) {
      return failed(`schema gave ${nameOf(data)}; expected a row.`);
    }
    const checked: Row = { ...row, ...data };
    return withoutChildren(row, checked, fields, children) ?? { row: checked };
  }
  const issues = error?.issues ?? [];
  if (issues.length === 0) return threw(error, "schema");
  return {
    errors: issues.map(({ message, path = [] }) => {
      const name = path.length === 0 ? null : String(path[0]);
      const field = name === null ? null : fields.get(name) ?? null;
      const text = messageOf(message, "schema");
      return { field, message: name === null ? text : `${name}${placeIn(path.slice(1))}: ${text}` };
    }),
  };
}

/** A schema gives only what it names of an object in a list. Null: it has left out nothing that is read. */
function withoutChildren(
  before: Row,
  after: Row,
  fields: ReadonlyMap<string, number>,
  children: readonly SentChildren[],
): Failed | null {
  for (const [name, field] of fields) {
    const reads = children.find((each) => each.field === field)?.reads;
    const missing = reads === undefined ? null : leftOut(before[name], after[name], reads);
    if (missing === null) continue;
    return failed(
      `schema leaves out ${missing} of ${name}, which is loaded: name it there, or take ` +
        "z.looseObject. Entries are dropped in beforeRow.",
      field,
    );
  }
  return null;
}
