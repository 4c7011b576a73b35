/** Which runs a process works on. */

export type WorkScope =
  /** One run, wherever its file is, because a user asked for it here. */
  | { readonly run: number }
  /** All runs whose file this host can read. */
  | { readonly host: string };

/**
 * SQL: is the run `r` in scope? Takes the numbers of its two parameters. A file that was not copied
 * into storage exists only on the host where its run was started.
 */
export function inScope(runParameter: number, hostParameter: number): string {
  return `($${runParameter}::bigint is null or r.id = $${runParameter})
    and ($${hostParameter}::text is null
      or coalesce(r.source ->> 'host', $${hostParameter}) = $${hostParameter})`;
}

export function scopeParameters(scope: WorkScope): [run: number | null, host: string | null] {
  return "run" in scope ? [scope.run, null] : [null, scope.host];
}
