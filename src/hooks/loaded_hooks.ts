/** The hooks of a file, called for the rows of a batch. */
import { messageOf, refusedValue, toCell, toValue } from "./cells.ts";
import { checkSchema, type Failed, threw } from "./check_schema.ts";
import { writeJson } from "./json_values.ts";
import type {
  Cell,
  Change,
  ColumnsDone,
  Given,
  GivenCell,
  HookError,
  RowsDone,
  RunFacts,
  SentChildren,
  SentRow,
  ToHooks,
} from "./messages.ts";
import type { Exported, Row } from "./read_hooks.ts";
import { isThenable, nameOf } from "./value_words.ts";

/** What is said of a batch with its first rows. */
type BatchOfRows = Pick<
  Extract<ToHooks, { readonly type: "rows" }>,
  "header" | "typed" | "children" | "facts"
>;

/** Says what is about to be called, so that somebody notices if it never returns. */
export type Note = (
  hook: "schema" | "beforeRow" | "columns" | "table" | "afterBatch" | null,
  row: number,
) => void;

/** The hooks of a file, and the batch whose rows they are called for. */
export class LoadedHooks {
  readonly #hooks: Exported;
  readonly #note: Note;
  #typed = false;
  #children: readonly SentChildren[] = [];
  #fields: ReadonlyMap<string, number> = new Map();
  #facts: RunFacts = { run: null, dry_run: false };
  /** By number: the batch's rows, as the hooks left them. */
  readonly #rows = new Map<number, Row>();

  constructor(hooks: Exported, note: Note) {
    this.#hooks = hooks;
    this.#note = note;
  }

  begin({ header, typed, children, facts }: BatchOfRows): void {
    this.#rows.clear();
    this.#typed = typed;
    this.#children = children;
    this.#facts = facts;
    const fields = new Map<string, number>();
    // Of columns with the same name, the first is meant, as in a definition.
    for (const [field, name] of header.entries()) if (!fields.has(name)) fields.set(name, field);
    this.#fields = fields;
  }

  async rows(sent: readonly SentRow[]): Promise<RowsDone> {
    const changes: [number, readonly Change[]][] = [];
    const errors: [number, readonly HookError[]][] = [];
    const tables: [number, number][] = [];
    const { schema, beforeRow } = this.#hooks;
    const isLookedAt = schema !== undefined || beforeRow !== undefined;
    for (const [number, cells] of sent) {
      const row = this.#rowOf(cells);
      const result = isLookedAt ? this.#row(number, cells, row) : { row, changes: [] };
      const done = isThenable(result) ? await result : result;
      if ("errors" in done) errors.push([number, done.errors]);
      else {
        this.#rows.set(number, done.row);
        if (done.changes.length > 0) changes.push([number, done.changes]);
        const table = this.#table(number, done.row);
        if (typeof table === "number") tables.push([number, table]);
        else if (table !== null) errors.push([number, table.errors]);
      }
    }
    this.#note(null, 0);
    return { changes, errors, tables };
  }

  /** The place of the table that takes the row; null if no hook says. */
  #table(number: number, row: Row): number | Failed | null {
    const { table, tables } = this.#hooks;
    if (table === undefined) return null;
    this.#note("table", number);
    try {
      const given: unknown = table(row as never, this.#context(number) as never);
      if (isThenable(given)) given.then(() => {}, () => {});
      const place = typeof given === "string" ? tables.indexOf(given) : -1;
      if (place >= 0) return place;
      const shown = typeof given === "string" ? JSON.stringify(given.slice(0, 100)) : nameOf(given);
      const message = `table gave ${shown}; expected one of ${tables.join(", ")}.`;
      return { errors: [{ message, field: null }] };
    } catch (error) {
      return threw(error, "table");
    }
  }

  #rowOf(cells: readonly Cell[]): Row {
    const row: Row = {};
    for (const [name, field] of this.#fields) {
      const value = toValue(cells[field] ?? null);
      // As a key like any other, whatever it is called.
      if (name in row) {
        Object.defineProperty(row, name, {
          value,
          writable: true,
          enumerable: true,
          configurable: true,
        });
      } else row[name] = value;
    }
    return row;
  }

  #row(number: number, cells: readonly Cell[], row: Row): RowEnd | PromiseLike<RowEnd> {
    const { schema, beforeRow } = this.#hooks;
    let current = row;
    if (schema !== undefined) {
      this.#note("schema", number);
      const checked = checkSchema(schema, row, this.#fields, this.#children);
      if ("errors" in checked) return checked;
      current = checked.row;
    }
    if (beforeRow === undefined) return this.#changed(cells, current);
    this.#note("beforeRow", number);
    try {
      const returned = beforeRow(current as never, this.#context(number) as never);
      if (!isThenable(returned)) return this.#returned(cells, current, returned);
      return returned.then(
        (value) => this.#returned(cells, current, value),
        (error: unknown) => threw(error, "beforeRow"),
      );
    } catch (error) {
      return threw(error, "beforeRow");
    }
  }

  #context(number: number) {
    return { number, ...this.#facts };
  }

  #returned(cells: readonly Cell[], row: Row, returned: unknown): RowEnd {
    if (returned === undefined) return this.#changed(cells, row);
    if (typeof returned === "object" && returned !== null && !Array.isArray(returned)) {
      return this.#changed(cells, returned as Row);
    }
    return {
      errors: [{
        field: null,
        message: `beforeRow returned ${nameOf(returned)}; expected nothing, or the row.`,
      }],
    };
  }

  #changed(cells: readonly Cell[], row: Row): RowEnd {
    const changes: Change[] = [];
    const errors: HookError[] = [];
    const last = this.#hooks.beforeRow === undefined ? "schema" : "beforeRow";
    for (const [name, field] of this.#fields) {
      const before = cells[field] ?? null;
      const value = Object.hasOwn(row, name) ? row[name] : undefined;
      // What isn't there any more has no value.
      const cell = cellOf(value === undefined ? null : value, before, this.#typed);
      if (cell !== null && typeof cell === "object" && "error" in cell) {
        const { error, at = "" } = cell;
        errors.push({ field, message: refusedValue(`${last}, for ${name}${at},`, error) });
      } else if (!isSame(before, cell)) changes.push([field, cell]);
    }
    for (const name of Object.keys(row)) {
      // As in row.tags = row.tags?.filter(…), where the file has no tags.
      if (this.#fields.has(name) || row[name] === undefined) continue;
      errors.push({
        field: null,
        message: `${last} set ${name}, and the file has no column of that name.`,
      });
    }
    return errors.length > 0 ? { errors } : { row, changes };
  }

  columns(
    names: readonly string[],
    sent: readonly (readonly [number, readonly (string | null)[]])[],
  ): ColumnsDone {
    const values = sent.map(([number, values]): readonly [number, readonly Given[]] => {
      const row = this.#rows.get(number) ?? {};
      return [number, values.map((value, at) => this.#column(names[at], value, row, number))];
    });
    this.#note(null, 0);
    return { values };
  }

  #column(name: string, value: string | null, row: Row, number: number): Given {
    const hook = this.#hooks.columns.get(name)!;
    this.#note("columns", number);
    try {
      const given = hook(value as never, row as never, this.#context(number) as never);
      if (isThenable(given)) given.then(() => {}, () => {});
      const cell = toCell(given, false);
      return cell !== null && typeof cell === "object" && "error" in cell
        ? { error: refusedValue(`The function for ${name}`, cell.error) }
        : cell;
    } catch (error) {
      return { error: messageOf(error, `The function for ${name}`) };
    }
  }

  /** Why the batch can't be kept; null if it can. */
  async after(numbers: readonly number[], sql: unknown): Promise<string | null> {
    const rows = numbers.map((number) => this.#rows.get(number));
    this.#note("afterBatch", numbers[0] ?? 0);
    try {
      await this.#hooks.afterBatch!({ rows, numbers, sql, ...this.#facts } as never);
      return null;
    } catch (error) {
      return messageOf(error, "afterBatch");
    } finally {
      this.#note(null, 0);
    }
  }
}

type RowEnd = { readonly row: Row; readonly changes: readonly Change[] } | Failed;

/** What a hook has made of a cell. A list or an object that it has changed is written with its numbers. */
function cellOf(value: unknown, before: Cell, typed: boolean): GivenCell {
  const cell = toCell(value, typed);
  const was = before !== null && typeof before === "object" ? before.j : "";
  const hadMany = was.startsWith("[") || was.startsWith("{");
  if (!hadMany || typeof value !== "object" || value === null || value instanceof Date) return cell;
  if (cell === null || typeof cell === "string" || "error" in cell) return cell;
  return isSame(before, cell) ? cell : writeJson(value, was);
}

/** A number that was only read keeps the digits that the file has. */
function isSame(before: Cell, now: Cell): boolean {
  if (before === null || now === null || typeof before === "string" || typeof now === "string") {
    return before === now;
  }
  return before.j === now.j || JSON.stringify(JSON.parse(before.j)) === now.j;
}
