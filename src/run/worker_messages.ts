/** What the main thread and the workers' threads say to each other. */
import type { DatabaseConfig } from "../config/database_config.ts";
import type { Role } from "./threads.ts";
import type { WorkerEvent, WorkerMode } from "./batch_worker.ts";

export type ToWorker =
  | {
    readonly type: "start";
    readonly roles: readonly Role[];
    readonly config: DatabaseConfig;
    readonly schemaName: string;
    readonly name: string;
    readonly onlyRun: number | null;
  }
  /** There may be something to do. */
  | { readonly type: "wake"; readonly roles: readonly Role[] }
  | { readonly type: "mode"; readonly mode: WorkerMode }
  /** Finish the batch in hand, then end. */
  | { readonly type: "stop" };

export type FromWorker =
  | WorkerEvent
  /** The planner has new batches, so many. */
  | { readonly type: "planned"; readonly batches: number }
  | { readonly type: "ended" }
  | { readonly type: "crashed"; readonly message: string };
