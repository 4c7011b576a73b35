/** What every measurement has at hand. */
import type { DataFile, DataFiles } from "./data/files.ts";
import type { IN_SQL } from "./data/kinds.ts";
import type { Machine } from "./machine.ts";
import type { DefinitionFolders } from "./programs/definitions.ts";
import type { Ingest } from "./programs/ingest.ts";
import type { BenchDatabase } from "./server.ts";

/** How a database is before something is measured. */
export interface State {
  readonly name: string;
  readonly from: State | null;
  build(database: BenchDatabase, bench: Bench): Promise<void>;
}

export interface StateKeeper {
  /** The database that is measured, in this state. */
  restore(state: State, bench: Bench): Promise<BenchDatabase>;
}

/** What is in a table, as a number that doesn't depend on the rows' order. */
export interface Content {
  readonly rows: number;
  /** The sum of the rows' hashes. */
  readonly checksum: bigint;
}

export interface ContentReader {
  /** Of a file; `except`: without these rows. */
  ofFile(bench: Bench, file: DataFile, except?: keyof typeof IN_SQL): Promise<Content>;
  /** Of the table customers in this state. */
  ofState(bench: Bench, state: State): Promise<Content>;
}

export interface Bench {
  readonly machine: Machine;
  readonly states: StateKeeper;
  readonly contents: ContentReader;
  readonly files: DataFiles;
  readonly ingest: Ingest;
  readonly folders: DefinitionFolders;
  /** Of the files. */
  readonly rows: number;
  /** For files that are passed on; removed at the end. */
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface BenchChoice {
  readonly rows: number;
  readonly workers: number | null;
  readonly binary: string | null;
  /** Null: an embedded server. */
  readonly databaseUrl: string | null;
  /** Ends what is being measured. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}
