/** Names that people may want to type: light queries, for completions. */
import { idOf } from "./batch_errors.ts";
import type { Ledger } from "./ledger.ts";
import type { Run } from "./runs.ts";
import type { RunStatus } from "./statuses.ts";

export interface KnownRun
  extends Pick<Run, "id" | "kind" | "importer" | "status" | "dry_run" | "original_filename"> {
  readonly of: number | null;
}

/** The latest runs whose numbers begin with these digits. */
export function listKnownRuns(
  ledger: Ledger,
  digits: string,
  statuses: readonly RunStatus[] | null,
  limit: number,
): Promise<KnownRun[]> {
  return ledger.query<KnownRun>(
    `select id, kind, importer, status, dry_run, original_filename,
       coalesce(undoes_run_id, retried_from_run_id) as of
     from ${ledger.schema}.runs
     where starts_with(id::text, $1) and ($2::text[] is null or status = any($2))
     order by id desc limit $3`,
    [digits, statuses, limit],
  );
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
