import { findRun } from "../../ledger/runs.ts";
import { listRows, type LoggedRow } from "../../ledger/rows.ts";
import { NoSuchRun } from "../../ledger/runs.ts";
import { withDatabase } from "../connect.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { formatCount } from "../render/numbers.ts";
import { renderTable, type TableColumn } from "../render/table.ts";

export interface RowsFlags extends DatabaseFlags {
  readonly status?: string;
  readonly limit: number;
  readonly after: number;
}

const COLUMNS: readonly TableColumn[] = [
  { title: "row", right: true },
  { title: "line", right: true },
  { title: "status" },
  { title: "what" },
  { title: "data" },
];

export async function rowsCommand(id: number, flags: RowsFlags, output: Output): Promise<number> {
  const { run, rows, more } = await withDatabase(
    flags,
    output,
    { migrate: false },
    async ({ ledger }) => {
      const run = await findRun(ledger, id);
      if (run === null) throw new NoSuchRun(id);
      const { after, limit } = flags;
      const found = await listRows(ledger, id, {
        status: flags.status ?? null,
        after,
        limit: limit + 1,
      });
      return { run, rows: found.slice(0, limit), more: found.length > limit };
    },
  );
  const next = more ? rows[rows.length - 1].row_number : null;
  if (flags.json) {
    output.json({ data: rows, meta: { next_cursor: next === null ? null : String(next) } });
    return EXIT.done;
  }
  if (rows.length === 0) {
    const logged = run.definition.options.log_rows;
    output.note(
      logged === "none"
        ? `Run ${id} logs no rows (options.log_rows: none).`
        : logged === "failed" && flags.status !== undefined && flags.status !== "failed"
        ? `Run ${id} logs only rows that failed (options.log_rows: all logs every row).`
        : "There is no such row.",
    );
    return EXIT.done;
  }
  const { stdout } = output;
  const width = stdout.size()?.columns ?? null;
  output.printAll(
    renderTable(COLUMNS, rows.map((row) => cells(row, run.header)), width, output.styleOf(stdout)),
  );
  if (next !== null) output.note(`There are more: --after ${next}`);
  return EXIT.done;
}

/** `header`: jsonb doesn't keep the order of the file's columns. */
function cells(row: LoggedRow, header: readonly string[]): string[] {
  const names = [...header, ...Object.keys(row.data).filter((name) => !header.includes(name))];
  const data = names.filter((name) => Object.hasOwn(row.data, name))
    .map((name) => `${name}: ${row.data[name]}`).join(", ");
  return [
    formatCount(row.row_number),
    formatCount(row.line),
    row.status,
    what(row),
    data,
  ];
}

/** The headline, or, where it only says that something is wrong, every message. */
function what({ errors }: LoggedRow): string {
  if (errors === null) return "";
  const messages = Object.values(errors.validation).flat();
  return messages.length > 0 ? messages.join(" ") : errors.message;
}
