/** `run_files`: the files of runs that read several. */
import type { Ledger } from "../ledger.ts";

export interface NewRunFile {
  /** Its path within the folder that all of the run's files are in. */
  readonly name: string;
  /** Bytes, and SHA-256 in hex, of the file itself. */
  readonly size: number;
  readonly checksum: string;
  /** The place of its first row in the run's copy, and the physical line there, in the file itself. */
  readonly byteStart: number;
  readonly dataLine: number;
}

/** A clause of the statement that creates the run `run`. `files`: the parameter with `filesOf`. */
export function insertRunFiles(ledger: Ledger, run: string, files: string): string {
  return `insert into ${ledger.schema}.run_files
      (run_id, number, name, size, checksum, byte_start, data_line)
    select ${run}.id, f.number, f.name, f.size, f.checksum, f."byteStart", f."dataLine"
    from ${run}, jsonb_to_recordset(${files}::text::jsonb) f (number int, name text, size bigint,
      checksum text, "byteStart" bigint, "dataLine" bigint)`;
}

/** The parameter for `insertRunFiles`. */
export function numberedFiles(files: readonly NewRunFile[]): string {
  return JSON.stringify(files.map((file, index) => ({ number: index + 1, ...file })));
}

/** One of the files, as it lies in the copy. */
export interface FilePart {
  /** From 1. */
  readonly number: number;
  readonly name: string;
  /** See `NewRunFile.byteStart` and `dataLine`. */
  readonly start: number;
  readonly line: number;
}

/** In the order of their rows. */
export function listFileParts(ledger: Ledger, run: number): Promise<FilePart[]> {
  return ledger.query<FilePart>(
    `select number, name, byte_start as start, data_line as line
     from ${ledger.schema}.run_files where run_id = $1 order by number`,
    [run],
  );
}

/**
 * SQL, for a lateral join: in which file a row is, as `name`; no row if the run reads only one. `root`:
 * of its chain.
 */
export function fileOfRow(ledger: Ledger, root: string, row: string): string {
  return `select f.name from ${ledger.schema}.run_files f
    where f.run_id = ${root} and f.rows_before < ${row}
    order by f.rows_before desc, f.number desc limit 1`;
}

/** One of the files, and its rows. */
export interface RunFile {
  readonly number: number;
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
  /** How many rows of the run come before; null until the file is planned. */
  readonly rows_before: number | null;
  /** Null until all of it is planned. */
  readonly rows: number | null;
}

/** The files of the run at a chain's root, in order, after the one with this number. */
export function listRunFiles(
  ledger: Ledger,
  root: number,
  { after = 0, limit = null, names = null }: {
    readonly after?: number;
    readonly limit?: number | null;
    /** Only those that are called so, or whose last part is. */
    readonly names?: readonly string[] | null;
  } = {},
): Promise<RunFile[]> {
  return ledger.query<RunFile>(
    `select number, name, size, checksum, rows_before, rows from (
       select f.*, coalesce(lead(f.rows_before) over (order by f.number),
         case when r.planned_at is not null then r.planned_rows end) - f.rows_before as rows
       from ${ledger.schema}.run_files f join ${ledger.schema}.runs r on r.id = f.run_id
       where f.run_id = $1
     ) files
     where number > $2
       and ($4::text[] is null or name = any($4) or regexp_replace(name, '^.*/', '') = any($4))
     order by number limit $3`,
    [root, after, limit, names],
  );
}

export interface BegunPart {
  readonly number: number;
  readonly rowsBefore: number;
}

/** Notes at which row files begin, in the transaction that plans them. */
export async function noteBegunParts(
  ledger: Ledger,
  run: number,
  begun: readonly BegunPart[],
): Promise<void> {
  if (begun.length === 0) return;
  await ledger.execute(
    `update ${ledger.schema}.run_files f set rows_before = b.rows
     from unnest($2::int[], $3::bigint[]) b (number, rows)
     where f.run_id = $1 and f.number = b.number`,
    [run, begun.map(({ number }) => number), begun.map(({ rowsBefore }) => rowsBefore)],
  );
}
