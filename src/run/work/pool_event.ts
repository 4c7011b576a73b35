/** What a pool tells whoever works with it. */
import type { DatabaseUnreachable } from "../../db/connection_errors.ts";
import type { WorkersCrash } from "./crashes.ts";

export type PoolEvent =
  /** A run has ended, or its next phase is open. */
  | { readonly type: "settled" }
  | { readonly type: "warning"; readonly message: string }
  /** Of one worker, which tries to connect again. */
  | {
    readonly type: "lost";
    readonly worker: string;
    readonly runId: number | null;
    readonly message: string;
  }
  | { readonly type: "back"; readonly worker: string }
  /** The server grants no further connection. */
  | { readonly type: "full" }
  /**
   * Workers have been crashing for too long and are no longer replaced. Or none of them could use the
   * database for too long.
   */
  | { readonly type: "failed"; readonly error: WorkersCrash | DatabaseUnreachable };
