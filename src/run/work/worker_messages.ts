/** The messages between the main thread and the worker threads. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import type { Trouble } from "./shortage.ts";
import type { Table } from "../../load/catalog/table.ts";

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
  /** Others get no connection: when there is nothing to do, give up yours for a moment. */
  | { readonly type: "share" }
  /** Finish the batch in progress, then end. */
  | { readonly type: "stop" };

/** What a worker that loads batches reports. */
export type WorkerEvent =
  | { readonly type: "batch"; readonly runId: number; readonly rows: number }
  /** A run has ended, or its next phase is open. */
  | { readonly type: "settled"; readonly ended: boolean }
  /** There was nothing to claim. The worker looks again by itself, or when it is woken. */
  | { readonly type: "idle" }
  /** It has given a batch back that only another machine can load. */
  | { readonly type: "left" }
  | { readonly type: "warning"; readonly message: string }
  /** Its connection is lost; `runId`: what it was working on. */
  | { readonly type: "lost"; readonly runId: number | null; readonly message: string }
  /** It has a connection again. */
  | { readonly type: "back" };

export type FromWorker =
  | WorkerEvent
  /** Whether it can use the database (`trouble` null) has changed, or it still can't. */
  | { readonly type: "database"; readonly role: Role; readonly trouble: Trouble | null }
  /** It has given up its connection for others. */
  | { readonly type: "shared"; readonly role: Role }
  /** Sent regularly by a thread that is not in the middle of a computation. */
  | { readonly type: "alive" }
  /** The planner has new batches; `batches`: how many there are so far. */
  | { readonly type: "planned"; readonly batches: number }
  | { readonly type: "ended" }
  | { readonly type: "crashed"; readonly message: string };
