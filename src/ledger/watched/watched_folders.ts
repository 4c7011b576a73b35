/** `watched_folders`: what each machine saw when it last looked into a watched folder. */
import type { Ledger } from "../ledger.ts";

export interface FolderLook {
  readonly importer: string;
  readonly host: string;
  readonly path: string;
  /** Files that wait to be taken. */
  readonly waiting: number;
  readonly problem: string | null;
}

export async function recordLook(
  ledger: Ledger,
  { importer, host, path, waiting, problem }: FolderLook,
): Promise<void> {
  await ledger.execute(
    `insert into ${ledger.schema}.watched_folders as f (importer, host, path, waiting, problem)
     values ($1, $2, $3, $4, $5)
     on conflict (importer, host) do update set path = excluded.path, waiting = excluded.waiting,
       problem = excluded.problem, looked_at = clock_timestamp()`,
    [importer, host, path, waiting, problem],
  );
}

export interface LastLook extends FolderLook {
  /** Seconds since then, by the database's clock. */
  readonly seconds: number;
}

/** False: this ledger is of an older version. */
export async function knowsFolders(ledger: Ledger): Promise<boolean> {
  const [{ known }] = await ledger.query<{ known: boolean }>(
    "select to_regclass($1) is not null as known",
    [`${ledger.schema}.watched_folders`],
  );
  return known;
}

/** Those of the last day, latest first. */
export function listLooks(ledger: Ledger): Promise<LastLook[]> {
  return ledger.query<LastLook>(
    `select importer, host, path, waiting, problem,
       greatest(0, extract(epoch from clock_timestamp() - looked_at))::float8 as seconds
     from ${ledger.schema}.watched_folders
     where looked_at > clock_timestamp() - interval '1 day' order by looked_at desc`,
  );
}

export interface UnmovedFile {
  readonly importer: string;
  readonly name: string;
  readonly run_id: number | null;
  readonly message: string;
}

/** Files that could not be moved, and some of the reasons. */
export function listUnmoved(ledger: Ledger): Promise<UnmovedFile[]> {
  return ledger.query<UnmovedFile>(
    `select importer, name, run_id, message from ${ledger.schema}.watched_files
     where state in ('loading', 'refused') and tried_at is not null and message is not null
     order by importer, id`,
  );
}
