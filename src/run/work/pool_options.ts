import type { DatabaseConfig } from "../../config/database_config.ts";
import type { LentConnection } from "./worker_connection.ts";

export interface PoolOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  /** How many workers load batches at once. */
  readonly workers: number;
  /** It works on all runs, and says so in its workers' names: see `queued_behind`. */
  readonly ofAllRuns?: boolean;
  /** The expected number of batches; more loaders join when more are planned. Default: many. */
  readonly batches?: number;
  /**
   * The planner works in this thread, and if there are few batches, a loader, too. Default: false.
   * What they compute must be quick, because nothing else is heard here meanwhile.
   */
  readonly here?: boolean;
  /** The connection of workers that work here. Default: one of their own. */
  readonly lent?: LentConnection;
  /**
   * How long workers may keep crashing without finishing a batch, and for how long none of them may
   * be able to use the database. Default: 30,000 milliseconds.
   */
  readonly patience?: number;
}
