/** The messages between the main thread and the worker threads. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import type { Table } from "../../load/table.ts";

/** What a thread does: `plan` cuts runs into batches, `load` processes them. */
export type Role = "plan" | "load";

/** What workers work on. */
export interface Assignment {
  /** Null for the batches of all runs. */
  readonly onlyRun: number | null;
  /** The table of the only run, if it has just been read from the catalog. */
  readonly table: Table | null;
}

export type ToWorker =
  /** Connect; there will be work soon. */
  | {
    readonly type: "connect";
    readonly roles: readonly Role[];
    readonly config: DatabaseConfig;
    readonly schemaName: string;
    readonly name: string;
  }
  | { readonly type: "begin"; readonly assignment: Assignment }
  /** There may be something to do. */
  | { readonly type: "wake"; readonly roles: readonly Role[] }
  /** Claim no batches of these runs. */
  | { readonly type: "avoid"; readonly runs: readonly number[] }
  /** Finish the batch in progress, then end. */
  | { readonly type: "stop" };

/** What a worker that loads batches reports. */
export type WorkerEvent =
  | { readonly type: "batch"; readonly runId: number; readonly rows: number }
  /** A run has ended, or its next phase is open. */
  | { readonly type: "settled"; readonly ended: boolean }
  /** There was nothing to claim. The worker looks again by itself, or when it is woken. */
  | { readonly type: "idle" }
  | { readonly type: "warning"; readonly message: string };

export type FromWorker =
  | WorkerEvent
  /** Sent regularly by a thread that is not in the middle of a computation. */
  | { readonly type: "alive" }
  /** The planner has new batches; `batches`: how many there are so far. */
  | { readonly type: "planned"; readonly batches: number }
  | { readonly type: "ended" }
  | { readonly type: "crashed"; readonly message: string };
