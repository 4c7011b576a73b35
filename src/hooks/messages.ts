/**
 * What is said between a worker and the process in which a run's hooks are: a line of JSON each, over
 * its standard input and output.
 */

/** The first argument of such a process. It is no command for people. */
export const HOOKS = "__hooks";

/** A cell of the source: its text, its value in JSON's notation (`j`), or none. */
export type Cell = string | null | { readonly j: string };

/** A source row: its number, and its cells in the order of the header. */
export type SentRow = readonly [number: number, cells: readonly Cell[]];

export interface HooksPlace {
  /** Absolute. */
  readonly path: string;
  /** As the definition names it: people see this one. */
  readonly file: string;
  /** What the files have to be like; null: they may be like anything. */
  readonly checksum: string | null;
}

/** What a hook is told beside its row. */
export interface RunFacts {
  /** Null: nothing is loaded, as when a file is looked at. */
  readonly run: number | null;
  readonly dry_run: boolean;
}

export interface Limits {
  /** Milliseconds that one call of a hook may take. */
  readonly time: number;
  /** Bytes of memory that its process may take. */
  readonly memory: number;
}

/** Which keys of objects are read: what is below `true` is read as a whole. */
export type ReadKeys = true | { readonly [key: string]: ReadKeys };

/** A cell with a list of objects that become rows of another table. */
export interface SentChildren {
  readonly field: number;
  readonly reads: ReadKeys;
}

export type ToHooks =
  | { readonly type: "load"; readonly place: HooksPlace; readonly limits: Limits }
  /** Rows of a batch; `begins`: its first ones. */
  | {
    readonly type: "rows";
    readonly id: number;
    readonly begins: boolean;
    readonly header: readonly string[];
    /** Cells may be objects or lists, as in JSON. */
    readonly typed: boolean;
    readonly children: readonly SentChildren[];
    readonly facts: RunFacts;
    readonly rows: readonly SentRow[];
  }
  /** Values of columns that have functions: for each row, in the order of `columns`. */
  | {
    readonly type: "columns";
    readonly id: number;
    readonly columns: readonly string[];
    readonly values: readonly (readonly [number: number, values: readonly (string | null)[]])[];
  }
  /** The rows that were created and updated. */
  | { readonly type: "after"; readonly id: number; readonly numbers: readonly number[] }
  /** To `ask`. */
  | { readonly type: "answer"; readonly rows: readonly unknown[] | null; readonly error: string };

/** What a hook makes of a cell: as `Cell`. */
export type Change = readonly [field: number, cell: Cell];

export interface HookError {
  readonly message: string;
  /** The source's column, by its place in the header, where there is one. */
  readonly field: number | null;
}

export interface RowsDone {
  /** Only rows that are not as they were. */
  readonly changes: readonly (readonly [number: number, changes: readonly Change[]])[];
  readonly errors: readonly (readonly [number: number, errors: readonly HookError[]])[];
  /** If they choose one of several tables: its place among `Uses.tables`, for each row. */
  readonly tables: readonly (readonly [number: number, table: number])[];
}

/** `at`: where in the value, after the column's name. */
export type GivenCell = Cell | { readonly error: string; readonly at?: string };

/** What a function gives for a value: as `Cell`; or why it gives none. */
export type Given = Cell | { readonly error: string };

export interface ColumnsDone {
  readonly values: readonly (readonly [number: number, values: readonly Given[]])[];
}

/** What a hooks file has. */
export interface Uses {
  /** The row hooks, in the order in which they are called. */
  readonly rows: readonly ("schema" | "beforeRow")[];
  /** Target columns that have functions. */
  readonly columns: readonly string[];
  readonly afterBatch: boolean;
  /** The tables of which `table` chooses one. Missing: it chooses none. */
  readonly tables?: readonly string[];
}

export type FromHooks =
  | { readonly type: "loaded"; readonly uses: Uses; readonly checksum: string }
  /** `changed`: the files are not like the checksum says. */
  | { readonly type: "refused"; readonly message: string; readonly changed: boolean }
  | { readonly type: "rows"; readonly id: number; readonly done: RowsDone }
  | { readonly type: "columns"; readonly id: number; readonly done: ColumnsDone }
  /** `error`: afterBatch has thrown it. */
  | { readonly type: "after"; readonly id: number; readonly error: string | null }
  /** An `sql` of afterBatch. */
  | { readonly type: "ask"; readonly text: string; readonly parameters: readonly unknown[] }
  | { readonly type: "print"; readonly text: string }
  /** The process ends: a hook takes too long, takes too much memory, or has ended it. */
  | { readonly type: "ended"; readonly because: Ending };

export interface Ending {
  readonly kind: "timeout" | "memory" | "error";
  /** One sentence. */
  readonly message: string;
  /** Which row it was called for; null: none, or it isn't known. */
  readonly row: number | null;
}

/** Where a thread's hooks are, in memory that it shares with the main thread of its process. */
export const STATE = { calls: 0, hook: 1, row: 2 } as const;
export const STATE_LENGTH = 3;

/** What is being called: the index is the `hook` of `STATE`. With 0, nothing is. */
export const CALLED = [
  ...["", "schema", "beforeRow", "columns", "afterBatch", "the file", "table"] as const,
] as const;
