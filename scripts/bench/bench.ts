/** What every measurement can use. */
import type { DataFile, DataFiles } from "./data/files.ts";
import type { IN_SQL } from "./data/kinds.ts";
import type { Machine } from "./machine.ts";
import type { DefinitionFolders } from "./programs/definitions.ts";
import type { Ingest } from "./programs/ingest.ts";
import type { BenchDatabase } from "./server.ts";

/** The state of a database before a measurement. */
export interface State {
  readonly name: string;
  readonly from: State | null;
  build(database: BenchDatabase, bench: Bench): Promise<void>;
}

export interface StateKeeper {
  /** Puts the measured database into this state and returns it. */
  restore(state: State, bench: Bench): Promise<BenchDatabase>;
}

/** The content of a table, as a checksum that doesn't depend on the order of the rows. */
export interface Content {
  readonly rows: number;
  /** The sum of the rows' hashes. */
  readonly checksum: bigint;
}

/** What one column of a table of customers becomes. */
export interface Change {
  readonly column: string;
  /** An expression of the file's columns, all of them text without blanks at their ends. */
  readonly sql: string;
}

export interface ContentReader {
  /** The content of a file. `except`: without these rows. */
  ofFile(bench: Bench, file: DataFile, except?: keyof typeof IN_SQL): Promise<Content>;
  /**
   * The content of a file of customers without the blanks around its values, after a change. The
   * file is read only once for all the changes that are `planned`.
   */
  ofChanged(
    bench: Bench,
    file: DataFile,
    change: Change,
    planned: readonly Change[],
  ): Promise<Content>;
  /** The content of the table customers in this state. */
  ofState(bench: Bench, state: State): Promise<Content>;
}

export interface Bench {
  readonly machine: Machine;
  readonly states: StateKeeper;
  readonly contents: ContentReader;
  readonly files: DataFiles;
  readonly ingest: Ingest;
  readonly folders: DefinitionFolders;
  /** The number of rows in the files. */
  readonly rows: number;
  /** A folder for files that are passed to programs. It is removed at the end. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface BenchChoice {
  /** Only try whether it works: no time is judged. */
  readonly quick: boolean;
  readonly rows: number;
  readonly workers: number | null;
  readonly binary: string | null;
  /** Null: use an embedded server. */
  readonly databaseUrl: string | null;
  /** Aborting it ends the current measurement. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}
