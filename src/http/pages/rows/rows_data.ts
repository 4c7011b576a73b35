/** What the page of failed rows shows before any script runs. */
import type { Context } from "hono";
import { mappedRules } from "../../../importer/column_mapping.ts";
import { countPending } from "../../../ledger/edits/pending_edits.ts";
import { rootOf } from "../../../ledger/runs/retries.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { readRunTable, shapesOf } from "../../../ledger/runs/run_tables.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { sumErrors, type SummedGroup } from "../../../report/error_summary.ts";
import type { Suggestion } from "../../../report/error_schema.ts";
import type { RowReport } from "../../../report/row_schema.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import { rowReports } from "../../../report/row_reports.ts";
import { rowWindow } from "../../../report/row_window.ts";
import { reportedName, SourceNames } from "../../../report/source_names.ts";
import {
  asksNothing,
  chooseErrors,
  type ChosenErrors,
  countChosen,
  type ErrorsAsked,
} from "../../../run/request/choose_errors.ts";
import { suggestNotations } from "../../../run/request/suggest_notations.ts";
import { failedRowSet } from "../../../run/request/failed_row_set.ts";
import { errorsAsked, errorsQuery } from "../../schemas/error_schemas.ts";
import { publicReport } from "../../runs_of.ts";
import type { RequestEnv } from "../../server_context.ts";
import { groupsOf } from "../run/groups.tsx";

/** Rows on a page without scripts. */
const PAGE = 50;

/** A column of the file. */
export interface SourceColumn {
  readonly name: string;
  /** The columns of the table that it fills. */
  readonly fills: readonly string[];
}

export interface RowsData {
  readonly run: RunReport;
  readonly table: string;
  readonly logsRows: boolean;
  readonly columns: readonly SourceColumn[];
  readonly groups: readonly SummedGroup[];
  readonly asked: ErrorsAsked;
  /** Rows of groups that are neither fixed nor waived, where that is other than all and quick to tell. */
  readonly leftOf: ReadonlyMap<string, number>;
  /** Only rows that are neither fixed nor waived. */
  readonly left: boolean;
  /** Failed rows that are kept, and have the errors that were asked for. */
  readonly total: number;
  /** How most of a column's refused values could be read, if the definition said so. */
  readonly suggestions: readonly Suggestion[];
  /** Rows whose corrections wait for a retry. */
  readonly corrected: number;
  readonly after: number;
  readonly rows: readonly RowReport[];
  readonly more: boolean;
  /** Can a suggestion be written into the definition here? */
  readonly savesDefinitions: boolean;
}

/** Which rows the page shows. */
export interface AskedRows {
  readonly asked: ErrorsAsked;
  /** Null: all. */
  readonly chosen: ChosenErrors | null;
}

/** Throws NoSuchGroup. */
export async function chooseRows(c: Context<RequestEnv>, run: Run): Promise<AskedRows> {
  const asked = readAsked(c);
  if (asksNothing(asked)) return { asked, chosen: null };
  const server = c.get("server");
  return { asked, chosen: await server.withLedger((ledger) => chooseErrors(ledger, run, asked)) };
}

export async function readRowsData(
  c: Context<RequestEnv>,
  run: Run,
  { asked, chosen }: AskedRows,
): Promise<RowsData> {
  const left = isLeft(c);
  const after = Number(/^\d{1,15}$/u.exec(c.req.query("after") ?? "")?.[0] ?? 0);
  return await c.get("server").withLedger(async (ledger) => {
    const [report, errors, corrected] = await Promise.all([
      publicReport(c, ledger, run.id),
      sumErrors(ledger, run),
      countPending(ledger, rootOf(run)),
    ]);
    const groups = groupsOf(errors);
    const [page, columns, suggestions, leftOf] = await Promise.all([
      left ? pageOfLeft(ledger, run, after) : pageOfAll(ledger, run, report, chosen, after),
      columnsOf(ledger, run, groups),
      asksNothing(asked) ? suggestWhatHelps(ledger, run, report) : [],
      countLeft(ledger, run, report, groups),
    ]);
    return {
      run: report,
      table: run.definition.table,
      savesDefinitions: c.get("server").savesDefinitions && run.definition.ad_hoc !== true,
      logsRows: run.definition.options.log_rows !== "none",
      ...{ columns, groups, asked, left, after },
      ...page,
      ...{ suggestions, leftOf, corrected },
    };
  });
}

/** Failed rows, and groups, up to which each is looked at. */
const QUICK = 100_000, GROUPS = 6;

async function countLeft(
  ledger: Ledger,
  run: Run,
  { progress: { failed, unresolved } }: RunReport,
  groups: readonly SummedGroup[],
): Promise<ReadonlyMap<string, number>> {
  const left = new Map<string, number>();
  if (failed > QUICK || unresolved === failed) return left;
  for (const { id } of groups.slice(0, GROUPS)) {
    const choice = { groups: [id], codes: null, columns: null };
    left.set(id, (await failedRowSet(ledger, run, choice, true)).size);
  }
  return left;
}

/** Not what would help only rows that are fixed or waived. */
async function suggestWhatHelps(
  ledger: Ledger,
  run: Run,
  { progress: { failed, unresolved } }: RunReport,
): Promise<readonly Suggestion[]> {
  if (unresolved === 0) return [];
  const all = await suggestNotations(ledger, run);
  if (failed > QUICK || unresolved === failed) return all;
  const helpful: Suggestion[] = [];
  for (const suggestion of all) {
    const { column } = suggestion;
    const choice = column === null ? null : { groups: null, codes: null, columns: [column] };
    if ((await failedRowSet(ledger, run, choice, true)).size > 0) helpful.push(suggestion);
  }
  return helpful;
}

type Page = Pick<RowsData, "rows" | "more" | "total">;

async function pageOfLeft(ledger: Ledger, run: Run, after: number): Promise<Page> {
  const left = await failedRowSet(ledger, run, null, true);
  const { rows, next, total } = await rowWindow(ledger, run, left, { after }, PAGE);
  return { rows, total, more: next !== null };
}

async function pageOfAll(
  ledger: Ledger,
  run: Run,
  { progress }: RunReport,
  chosen: ChosenErrors | null,
  after: number,
): Promise<Page> {
  const { rows: all, unlogged } = chosen === null
    ? { rows: progress.failed, unlogged: progress.unlogged }
    : await countChosen(ledger, run, chosen);
  const filter = { status: "failed", after, limit: PAGE } as const;
  const { rows, more } = await rowReports(ledger, run, filter, chosen);
  return { rows, more, total: Math.max(0, all - unlogged) };
}

/** Is only asked about all errors together. */
export function isLeft(c: Context<RequestEnv>): boolean {
  return c.req.query("left") === "1" && asksNothing(readAsked(c));
}

/** What can't be right is left out: somebody has edited the address. */
export function readAsked(c: Context<RequestEnv>): ErrorsAsked {
  const given = Object.fromEntries(
    ["group", "code", "column"].flatMap((name) => {
      const values = (c.req.queries(name) ?? []).filter((value) => value !== "");
      return values.length === 0 ? [] : [[name, values]];
    }),
  );
  const read = errorsQuery.safeParse(given);
  return errorsAsked(read.success ? read.data : {});
}

async function columnsOf(
  ledger: Ledger,
  run: Run,
  groups: readonly SummedGroup[],
): Promise<SourceColumn[]> {
  const names = new SourceNames(run);
  const table = await readRunTable(ledger, run.id);
  const targets = new Set([
    ...Object.keys(mappedRules(run.definition)),
    ...shapesOf(table?.shape).flatMap(({ columns }) => columns.map(({ name }) => name)),
    ...groups.flatMap(({ column }) => column === null ? [] : [column]),
  ]);
  const fills = run.header.map((): string[] => []);
  for (const target of targets) {
    for (const field of names.fieldsOf(target)) fills[field].push(target);
  }
  return run.header.map((name, field) => ({
    name: reportedName(name, field),
    fills: fills[field],
  }));
}
