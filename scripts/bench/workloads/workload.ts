/** A workload compares two measurements that start from the same state. */
import type { Bench, Change, Content, State } from "../bench.ts";
import type { KindName } from "../data/kinds.ts";
import type { Expected } from "../programs/ingest.ts";
import type { Load } from "../programs/process.ts";
import type { BenchDatabase } from "../server.ts";

export interface Workload {
  readonly name: string;
  /** Describes `reference`. */
  readonly against: string;
  /** The largest allowed ratio of our time to the reference's. */
  readonly bar: number;
  /** Seconds that are added to the reference's. Default: none. */
  readonly allowance?: number;
  readonly ours: Measurement;
  readonly reference: Measurement;
}

/** One program's work, from its start to its end. */
export interface Measurement {
  /** Unique. A measurement that several workloads share is made once a round. */
  readonly name: string;
  readonly state: State;
  /** How many rows its file has, for files of so many rows as a rule. Default: as many. */
  readonly rows?: (asARule: number) => number;
  /** A program that may not be installed. */
  readonly needs: "psql" | "pgloader" | "xlsx2csv" | "jq" | null;
  /** Default: customers. */
  readonly table?: string;
  run(database: BenchDatabase, bench: Bench): Promise<Load>;
  /** What the table must contain afterwards. */
  expected(bench: Bench): Promise<Content>;
  /** Throws if anything else is not as it should be. */
  check?(database: BenchDatabase, bench: Bench): Promise<void>;
}

export interface IngestRun {
  readonly name: string;
  readonly state: State;
  readonly rows?: Measurement["rows"];
  readonly importer: string;
  readonly table?: string;
  readonly file: KindName;
  /** By gzip. */
  readonly isPacked?: boolean;
  /** Into files of a thousand rows. */
  readonly isDivided?: boolean;
  readonly mended?: boolean;
  readonly flags?: readonly string[];
  counts(bench: Bench): Expected;
  expected: Measurement["expected"];
  check?: Measurement["check"];
}

/** Measures `ingest run` with one of the files. */
export function ingestRun(run: IngestRun): Measurement {
  return {
    ...run,
    needs: null,
    async run(database, bench) {
      const file = await bench.files.get(run.file, bench.rows);
      const importers = run.mended ? bench.folders.mended : bench.folders.importers;
      const path = run.isPacked
        ? await bench.files.packed(file)
        : run.isDivided
        ? await bench.files.divided(file)
        : file.path;
      const named = ["run", run.importer, "--file", path, "--importers", importers];
      return await bench.ingest.load(database, [...named, ...run.flags ?? []], run.counts(bench));
    },
  };
}

export const NO_CHANGE: Change = { column: "id", sql: "id" };

/** From how many rows on the program's start is a small part of its time. */
const MANY = 200_000;

/**
 * For workloads of which there are many: half of a large file. Of a small one, which says little
 * about time, they only try some rows.
 */
export function fewer(rows: number): number {
  return rows < MANY ? Math.min(rows, MANY / 20) : Math.ceil(rows / 2);
}

/** The content of the valid file, as Postgres reads it. */
export async function validRows(bench: Bench): Promise<Content> {
  return await bench.contents.ofFile(bench, await bench.files.get("valid", bench.rows));
}

/** The content of a file, but for blanks around its values: a column of text keeps none. */
export function trimmedRows(kind: KindName): Measurement["expected"] {
  return async (bench) => {
    const file = await bench.files.get(kind, bench.rows);
    return await bench.contents.ofChanged(bench, file, NO_CHANGE, [NO_CHANGE]);
  };
}

/** A `check` for runs: the row log must contain this many rows. */
export function logs(count: (bench: Bench) => number): NonNullable<Measurement["check"]> {
  return async ({ session }, bench) => {
    const [{ logged }] = await session.query<{ logged: number }>(
      "select count(*) as logged from ingest.rows",
    );
    if (logged === count(bench)) return;
    throw new Error(`${logged} rows are in the row log, expected ${count(bench)}`);
  };
}
