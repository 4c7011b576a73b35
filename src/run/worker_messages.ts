/** What the main thread and the workers' threads say to each other. */
import type { DatabaseConfig } from "../config/database_config.ts";
import type { WorkerEvent, WorkerMode } from "./batch_worker.ts";

export type ToWorker =
  | {
    readonly type: "start";
    readonly role: "load" | "plan";
    readonly config: DatabaseConfig;
    readonly schemaName: string;
    readonly name: string;
    readonly onlyRun: number | null;
  }
  | { readonly type: "wake" }
  | { readonly type: "mode"; readonly mode: WorkerMode }
  /** Finish the batch in hand, then end. */
  | { readonly type: "stop" };

export type FromWorker =
  | WorkerEvent
  /** The planner has new batches. */
  | { readonly type: "planned" }
  | { readonly type: "ended" }
  | { readonly type: "crashed"; readonly message: string };
