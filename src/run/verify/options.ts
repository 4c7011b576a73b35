import type { DatabaseConfig } from "../../db/session.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import type { Part } from "./read_rows.ts";

export interface VerifyOptions {
  readonly config: DatabaseConfig;
  /** How many batches are compared at once. */
  readonly workers: number;
  /** Ends all connections, the ledger's own as well. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  readonly onHeldUp?: (by: string) => void;
}

/** A run of the chain, and what of it is compared. */
export interface Member {
  readonly run: Run;
  readonly parts: readonly Part[];
}
