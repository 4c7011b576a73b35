/** Which runs a process works on. */
import { LAST_MIGRATION } from "../../db/migrations.ts";

export type WorkScope =
  /** One run, wherever its file is, because a user asked for it here. */
  | { readonly run: number }
  /** All runs whose file this host can read. `buckets` (default: true): also those that are stored in one. */
  | { readonly host: string; readonly buckets?: boolean };

/**
 * SQL: a version of the program made the run that can't say anything unknown here. A newer one has migrated
 * the tables while this process was at work.
 */
export const IS_UNDERSTOOD: string = `made_with <= ${LAST_MIGRATION}`;

/**
 * SQL: is the run `r` in scope? Takes the numbers of its three parameters. A file that was not copied
 * into storage exists only on the host where its run was started.
 */
export function inScope(
  runParameter: number,
  hostParameter: number,
  bucketsParameter: number,
): string {
  return `r.${IS_UNDERSTOOD} and ($${runParameter}::bigint is null or r.id = $${runParameter})
    and ($${hostParameter}::text is null
      or coalesce(r.source ->> 'host', $${hostParameter}) = $${hostParameter})
    and ($${bucketsParameter}::boolean or r.parent_id is not null
      or not starts_with(coalesce(r.source ->> 'path', ''), 's3://'))`;
}

export function scopeParameters(
  scope: WorkScope,
): [run: number | null, host: string | null, buckets: boolean] {
  return "run" in scope ? [scope.run, null, true] : [null, scope.host, scope.buckets ?? true];
}
