/** Failed rows beyond `options.max_failed_rows_logged`: they are counted and grouped, not kept. */
import type { Definition } from "../../importer/definition.ts";
import type { Ledger } from "../ledger.ts";

/** How many failed rows of the run are in the log, as far as is committed. */
async function countLoggedFailed(ledger: Ledger, run: number): Promise<number> {
  const [{ logged }] = await ledger.query<{ logged: number }>(
    `select coalesce(sum(failed - unlogged), 0)::bigint as logged
     from ${ledger.schema}.batches where run_id = $1 and status in ('completed', 'rolled_back')`,
    [run],
  );
  return logged;
}

/** How many of the run's `failed` rows are not kept. */
export async function countUnlogged(
  ledger: Ledger,
  { id, definition }: { readonly id: number; readonly definition: Definition },
  failed: number,
): Promise<number> {
  const { max_failed_rows_logged: most = null } = definition.options;
  // Usually, there is nothing to ask.
  if (most === null || failed <= most) return 0;
  return failed - await countLoggedFailed(ledger, id);
}

/**
 * While so many workers load a run, the log goes past its limit by what they have in progress at most:
 * each asks again when it has logged this part of what was left.
 */
const WORKERS = 16;

/** How many failed rows a worker may still log for a run. Asks the ledger as seldom as possible. */
export class RoomInLog {
  readonly #run: number;
  readonly #most: number | null;
  /** When it was asked last; null: never. */
  #left: number | null = null;
  /** Since then, by this worker. */
  #logged = 0;

  constructor({ id, definition }: { readonly id: number; readonly definition: Definition }) {
    this.#run = id;
    this.#most = definition.options.max_failed_rows_logged ?? null;
  }

  /** For a batch in which at most `failed` rows have failed. */
  async forRows(ledger: Ledger, failed: number): Promise<number> {
    if (this.#most === null || failed === 0) return Infinity;
    // What is full stays full.
    if (this.#left === 0) return 0;
    if (this.#left === null || (this.#logged + failed) * WORKERS > this.#left) {
      this.#left = Math.max(0, this.#most - await countLoggedFailed(ledger, this.#run));
      this.#logged = 0;
    }
    return this.#left - this.#logged;
  }

  /** The batch has logged so many. */
  note(rows: number): void {
    this.#logged += rows;
  }
}
