/** Names that people may want to type: light queries, for completions. */
import { idOf } from "../batches/batch_errors.ts";
import type { Ledger } from "../ledger.ts";
import type { Run } from "./runs.ts";
import { ACTIVE_STATUSES_SQL, isTerminal, type RunStatus } from "./statuses.ts";

export interface KnownRun
  extends Pick<Run, "id" | "kind" | "importer" | "status" | "dry_run" | "original_filename"> {
  readonly of: number | null;
}

/** Runs that are looked at for each length of the number: a table of 100,000 takes half a second. */
const LOOKED_AT = 2_000;
/** A run's number has at most so many digits. */
const MOST_DIGITS = 15;

/**
 * The latest runs whose numbers begin with these digits, and have such a status. Those that have ended
 * are sought among the latest; those that are open have an index.
 */
export function listKnownRuns(
  ledger: Ledger,
  digits: string,
  statuses: readonly RunStatus[] | null,
  limit: number,
): Promise<KnownRun[]> {
  const ranges = rangesOf(digits);
  const isOpen = statuses !== null && statuses.every((status) => !isTerminal(status));
  return ledger.query<KnownRun>(
    `select r.* from unnest($1::bigint[], $2::bigint[]) as range (low, high)
     cross join lateral (
       select id, kind, importer, status, dry_run, original_filename,
         coalesce(undoes_run_id, retried_from_run_id) as of
       from ${ledger.schema}.runs
       where id between low and high ${isOpen ? `and status in (${ACTIVE_STATUSES_SQL})` : ""}
       order by id desc limit ${LOOKED_AT}
     ) r
     where $3::text[] is null or r.status = any($3)
     order by r.id desc limit $4`,
    [ranges.map(([low]) => low), ranges.map(([, high]) => high), statuses, limit],
  );
}

/** Of numbers that begin with the digits, for each length: 7, 70 to 79, 700 to 799 … */
function rangesOf(digits: string): readonly (readonly [number, number])[] {
  if (digits === "") return [[1, Number("9".repeat(MOST_DIGITS))]];
  if (digits.startsWith("0") || digits.length > MOST_DIGITS) return [];
  return Array.from({ length: MOST_DIGITS - digits.length + 1 }, (_, more) => {
    const low = Number(digits) * 10 ** more;
    return [low, low + 10 ** more - 1];
  });
}

export interface KnownColumn {
  readonly column: string;
  readonly errors: number;
}

/** Columns of a run with errors, the most frequent first. Null: of the latest run. */
export function listErrorColumns(
  ledger: Ledger,
  run: number | null,
  limit: number,
): Promise<KnownColumn[]> {
  return ledger.query<KnownColumn>(
    `select "column", sum(count)::bigint as errors from ${ledger.schema}.batch_errors e
     where run_id = ${RUN(ledger)} and "column" is not null
     group by "column" order by errors desc, "column" limit $2`,
    [run, limit],
  );
}

export interface KnownGroup {
  readonly id: string;
  readonly column: string | null;
  readonly message: string;
  readonly errors: number;
}

/** Groups of a run's errors, the most frequent first. Null: of the latest run. */
export function listErrorGroups(
  ledger: Ledger,
  run: number | null,
  limit: number,
): Promise<KnownGroup[]> {
  return ledger.query<KnownGroup>(
    `with named as (
       select ${idOf(ledger)} as id, "column", message, count from ${ledger.schema}.batch_errors e
       where run_id = ${RUN(ledger)}
     )
     select id, min("column") as "column", min(message) as message, sum(count)::bigint as errors
     from named group by id order by errors desc, id limit $2`,
    [run, limit],
  );
}

const RUN = ({ schema }: Ledger) => `coalesce($1, (select max(id) from ${schema}.runs))`;

/** Of tokens that are not revoked. */
export async function listTokenNames(ledger: Ledger, limit: number): Promise<readonly string[]> {
  const tokens = await ledger.query<{ name: string }>(
    `select name from ${ledger.schema}.tokens where revoked_at is null
     order by created_at desc limit $1`,
    [limit],
  );
  return tokens.map(({ name }) => name);
}
