/**
 * Tables that somebody has locked for longer than a request waits. Each further request that waited
 * as long would hold one of the few connections, and its client may be gone when the table is free:
 * Deno doesn't tell of a client that has hung up after a body of more than a few hundred bytes.
 */
import { TableLocked } from "../db/table_locked.ts";

/** Milliseconds until a request waits as long as usual again. */
const REMEMBERED = 10_000;
/** Milliseconds that requests wait until then. */
const SHORT = 100;

export class LockedTables {
  /** By the name in the definition: the time until which it counts as locked. */
  readonly #until = new Map<string, number>();

  /** `work` gets the milliseconds that it may wait for the table; undefined: as long as usual. */
  async waiting<T>(
    table: string,
    work: (patience: number | undefined) => Promise<T>,
  ): Promise<T> {
    const isLocked = (this.#until.get(table) ?? 0) > performance.now();
    try {
      const result = await work(isLocked ? SHORT : undefined);
      this.#until.delete(table);
      return result;
    } catch (error) {
      if (error instanceof TableLocked) this.#until.set(table, performance.now() + REMEMBERED);
      throw error;
    }
  }
}
