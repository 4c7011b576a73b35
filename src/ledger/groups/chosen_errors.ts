/** The rows of a run that fail with certain errors: `--group`, `--code`, `--column`. */
import { idOf } from "../batches/batch_errors.ts";
import { chosenIn, type ErrorChoice, parametersOf } from "./error_choice.ts";
import { GROUP_ID_DIGITS } from "./group_id_form.ts";
import type { Ledger } from "../ledger.ts";
import { RowSet } from "../rows/row_set.ts";
import { unpackRuns } from "../rows/row_runs.ts";

export interface ChosenGroup {
  readonly id: string;
  readonly code: string | null;
  readonly column: string | null;
}

/** The errors that a run has. */
export function listGroups(ledger: Ledger, runId: number): Promise<ChosenGroup[]> {
  return ledger.query<ChosenGroup>(
    `select distinct ${idOf(ledger)} as id, code, "column"
     from ${ledger.schema}.batch_errors e where run_id = $1`,
    [runId],
  );
}

/** A recent run that has a group whose id begins so; null if there is none. */
export async function findGroup(
  ledger: Ledger,
  prefix: string,
): Promise<{ readonly run: number; readonly importer: string } | null> {
  const { schema } = ledger;
  const [found] = await ledger.query<{ run: number; importer: string }>(
    `select r.id as run, r.importer
     from (select id, importer from ${schema}.runs order by id desc limit ${RECENT_RUNS}) r
     where exists (select from ${schema}.batch_errors e
       where e.run_id = r.id and starts_with(${idOf(ledger)}, $1))
     order by r.id desc limit 1`,
    [prefix],
  );
  return found ?? null;
}

const RECENT_RUNS = 100;

/** How many parts of groups are read at once: first as many as a page of rows usually needs. */
const FIRST_PARTS = 2, MOST_PARTS = 32;

/**
 * The rows after row `after` that the choice is about, in file order: at least `limit` of them, if
 * there are so many. Each batch has noted the rows of its groups. Only where that doesn't say enough,
 * the log is asked.
 */
export async function chooseRows(
  ledger: Ledger,
  runId: number,
  choice: ErrorChoice,
  { after = 0, limit = Infinity }: { readonly after?: number; readonly limit?: number } = {},
): Promise<RowSet> {
  const rows = new RowSet();
  const ranges = choice.ranges ?? [{ first: 1, last: Number.MAX_SAFE_INTEGER }];
  for (const { first, last } of ranges) {
    if (rows.size >= limit) break;
    const span = { after: Math.max(after, first - 1), last, limit };
    if (span.after < last) await addChosen(ledger, runId, choice, span, rows);
  }
  return rows;
}

/** Rows after one, up to another; and how many are enough. */
interface Span {
  readonly after: number;
  readonly last: number;
  readonly limit: number;
}

async function addChosen(
  ledger: Ledger,
  runId: number,
  choice: ErrorChoice,
  span: Span,
  rows: RowSet,
): Promise<void> {
  const noted = await addNoted(ledger, runId, choice, span, rows);
  for (const { first, last } of await listUnsure(ledger, runId)) {
    const range = {
      first: Math.max(first, span.after + 1),
      last: Math.min(last, noted, span.last),
    };
    await addLogged(ledger, runId, choice, range, span.limit, rows);
  }
}

/** All failed rows of a run, whether they are kept or not, and fixed or not. */
export async function readFailed(ledger: Ledger, runId: number): Promise<RowSet> {
  const { schema } = ledger;
  const rows = new RowSet();
  const parts = await ledger.query<{ rows: Uint8Array }>(
    `select rows from ${schema}.batch_errors
     where run_id = $1 and kind = 'row' and rows is not null`,
    [runId],
  );
  for (const part of parts) {
    const runs = unpackRuns(part.rows);
    for (let i = 0; i < runs.length; i += 2) rows.addRun(runs[i], runs[i + 1]);
  }
  // Older versions have noted no rows.
  const logged = await ledger.query<{ row_number: number }>(
    `select l.row_number from (
       select distinct b.first_row, b.last_row from ${schema}.batch_errors e
       join ${schema}.batches b on b.run_id = e.run_id and b.number = e.batch
       where e.run_id = $1 and e.rows is null
     ) unknown
     join ${schema}.logged_rows l on l.run_id = $1 and l.status = 'failed'
       and l.row_number between unknown.first_row and unknown.last_row`,
    [runId],
  );
  for (const { row_number } of logged) rows.addRun(row_number, row_number);
  return rows;
}

interface Part {
  readonly first_row: number;
  readonly rows: Uint8Array;
}

/** Adds the rows that batches have noted, and returns up to which row these are all. */
async function addNoted(
  ledger: Ledger,
  runId: number,
  choice: ErrorChoice,
  { after, last, limit }: Span,
  rows: RowSet,
): Promise<number> {
  let size = limit === Infinity ? MOST_PARTS : FIRST_PARTS;
  for (let read = 0;; read += size, size = Math.min(4 * size, MOST_PARTS)) {
    const parts = await ledger.query<Part>(
      `select sample_rows[1] as first_row, rows from ${ledger.schema}.batch_errors e
       where run_id = $1 and rows is not null and last_row > $5 and sample_rows[1] <= $6
         and ${chosenIn(`left(e.fingerprint, ${GROUP_ID_DIGITS})`)}
       order by sample_rows[1], batch, fingerprint limit ${size + 1} offset ${read}`,
      [runId, ...parametersOf(choice), after, last],
    );
    for (const part of parts.slice(0, size)) {
      const runs = unpackRuns(part.rows);
      for (let i = 0; i < runs.length; i += 2) {
        const [from, to] = [Math.max(runs[i], after + 1), Math.min(runs[i + 1], last)];
        if (from <= to) rows.addRun(from, to);
      }
    }
    const next = parts.at(size);
    if (next === undefined) return Number.MAX_SAFE_INTEGER;
    // Later parts have no rows before these.
    if (rows.countBefore(next.first_row) >= limit) return next.first_row - 1;
  }
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * Ranges of rows whose errors have to be looked at: of batches by older versions, and of errors that
 * were one kind too many for their batch.
 */
async function listUnsure(ledger: Ledger, runId: number): Promise<Range[]> {
  const { schema } = ledger;
  const found = await ledger.query<Range>(
    `select distinct case when e.rows is null then b.first_row else e.sample_rows[1] end as first,
       case when e.rows is null then b.last_row else e.last_row end as last
     from ${schema}.batch_errors e
     join ${schema}.batches b on b.run_id = e.run_id and b.number = e.batch
     where e.run_id = $1 and (e.rows is null or e.code = 'other') order by first, last`,
    [runId],
  );
  const ranges: Range[] = [];
  for (const { first, last } of found) {
    const before = ranges.at(-1);
    if (before === undefined || first > before.last + 1) ranges.push({ first, last });
    else ranges[ranges.length - 1] = { first: before.first, last: Math.max(last, before.last) };
  }
  return ranges;
}

async function addLogged(
  ledger: Ledger,
  runId: number,
  choice: ErrorChoice,
  { first, last }: Range,
  limit: number,
  rows: RowSet,
): Promise<void> {
  const found = await ledger.query<{ row_number: number }>(
    `select row_number from ${ledger.schema}.logged_rows r
     where run_id = $1 and status = 'failed' and row_number between $5 and $6
       and exists (select from ${ledger.schema}.error_groups_of(r.errors) e
         where ${chosenIn("e.id")})
     order by row_number limit $7`,
    [runId, ...parametersOf(choice), first, last, limit === Infinity ? null : limit],
  );
  for (const { row_number } of found) rows.addRun(row_number, row_number);
}
