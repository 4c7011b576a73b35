/** What a process that rescues batches alone is told on its standard input, and what it reports. */
import type { DatabaseConfig } from "../../config/database_config.ts";

/** The first argument of such a process. It is no command for people. */
export const ALONE = "__rescue";

/** The first line that it reads. Then comes `stop`: finish the batch in progress. */
export interface Errand {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  /** The run whose abandoned batches it takes, one after the other. */
  readonly run: number;
  /** Whoever wants it works on all runs, and leaves to others what this machine can't do. */
  readonly ofAllRuns: boolean;
  /** Shown in `batches.worker`. */
  readonly name: string;
}

/** One line of JSON each. */
export type Report =
  /** A run has ended, or its next phase is open. */
  | { readonly type: "settled"; readonly ended: boolean }
  | { readonly type: "warning"; readonly message: string }
  /** It ends, as only another machine can load the batches. */
  | { readonly type: "left" }
  /** It ends, as no batch could be claimed, or none of its errors be recorded. */
  | { readonly type: "failed"; readonly message: string };
