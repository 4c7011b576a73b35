/** What only the database knows: numbers of runs, groups, columns, tables, tokens. */
import { listTables } from "../../db/list_tables.ts";
import {
  type KnownRun,
  listErrorColumns,
  listErrorGroups,
  listKnownRuns,
  listTokenNames,
} from "../../ledger/runs/known_names.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { RunStatus } from "../../ledger/runs/statuses.ts";
import { shortenIds } from "../../run/request/choose_errors.ts";
import { formatCount } from "../../report/numbers.ts";
import { truncate } from "../render/terminal_text.ts";
import type { Asked } from "./asked.ts";
import type { Candidate } from "./candidate.ts";
import type { InDatabase } from "./referents.ts";

/** As many as somebody may look through. */
const MOST = 100;

export async function lookUp(
  ledger: Ledger,
  kind: InDatabase,
  asked: Asked,
): Promise<readonly Candidate[]> {
  const { command, typed } = asked;
  switch (kind) {
    case "runs": {
      if (!/^\d*$/u.test(typed)) return [];
      const statuses = STATUSES[command.name()] ?? null;
      const runs = await listKnownRuns(ledger, typed, statuses, MOST);
      return runs.map((run) => ({ value: String(run.id), description: describeRun(run) }));
    }
    case "columns": {
      const columns = await listErrorColumns(ledger, runOf(asked), MOST);
      return columns.map(({ column, errors }) => ({
        value: asListItem(column),
        description: countErrors(errors),
      }));
    }
    case "groups": {
      const groups = await listErrorGroups(ledger, runOf(asked), MOST);
      const ids = groups.map(({ id }) => id);
      // If there may be more groups, only whole ids are sure to be the only ones.
      const short = ids.length < MOST ? shortenIds(ids) : ids;
      return groups.map(({ id, column, message, errors }, index) => ({
        value: id.slice(0, Math.max(short[index].length, typed.length)),
        description: `${countErrors(errors)}: ${column === null ? "" : `${column}: `}${message}`,
      }));
    }
    case "tables":
      return words(await listTables(ledger.session, ledger.schemaName, MOST));
    case "tokens":
      return words(await listTokenNames(ledger, MOST));
  }
}

const ENDED_WITH_FAILURES: readonly RunStatus[] = ["completed_with_errors", "failed", "cancelled"];
const ENDED: readonly RunStatus[] = ["completed", ...ENDED_WITH_FAILURES];
const OPEN: readonly RunStatus[] = ["pending", "processing", "cancelling", "held"];

/** The runs that a command can do something with; those that it may refuse, too. */
const STATUSES: Readonly<Record<string, readonly RunStatus[]>> = {
  cancel: OPEN,
  wait: OPEN,
  release: ["held"],
  resume: ["pending", "processing", "failed", "cancelled"],
  retry: ENDED_WITH_FAILURES,
  view: ENDED_WITH_FAILURES,
  waive: ENDED_WITH_FAILURES,
  delete: ENDED,
  undo: ENDED,
};

/** The one on the line; null: the latest. */
function runOf({ positionals }: Asked): number | null {
  const id = Number(positionals.find((word) => /^[1-9]\d{0,14}$/u.test(word)));
  return Number.isNaN(id) ? null : id;
}

function describeRun({ kind, importer, status, dry_run, original_filename: file, of }: KnownRun) {
  const what = of === null ? "" : kind === "undo" ? `undo of ${of}` : `retry of ${of}`;
  return [
    truncate(file ?? importer, LONGEST_FILE),
    status.replaceAll("_", " "),
    what,
    dry_run ? "dry run" : "",
  ].filter((part) => part !== "").join(", ");
}

const LONGEST_FILE = 40;

function countErrors(errors: number): string {
  return `${formatCount(errors)} ${errors === 1 ? "error" : "errors"}`;
}

/** As `parseNames` reads it. */
function asListItem(name: string): string {
  const isPlain = !name.includes(",") && !name.startsWith('"') && name.trim() === name;
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}

function words(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, description: "" }));
}
