/**
 * Somebody who changes a table while others import into it and take that back. What each statement has
 * done, Postgres says itself. So the row's last state is known, whoever was first.
 */
import { PostgresError } from "../../../src/db/connection_errors.ts";
import type { Session } from "../../../src/db/session.ts";
import type { Act } from "./disturbed_case.ts";

/** A row of the table as text, or null where there is none. By its id. */
export type Rows = ReadonlyMap<number, string | null>;

/** Foreign keys, rows that are there already, and deadlocks: then nothing has happened. */
const HARMLESS = ["23503", "23505", "23001", "40P01", "40001"];
/** To a number that nobody else uses. */
const MOVED_BY = 1_000;

export class Somebody {
  readonly #session: Session;
  readonly #all = new Map<number, string | null>();
  #since = new Map<number, string | null>();
  #sinceFirst = new Map<number, "inserted" | "other">();
  readonly #refers = new Set<number>();
  #made = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  /** What this somebody has left, from the beginning on. */
  get all(): Rows {
    return this.#all;
  }

  /** What was done last and first to a row since `begin`. */
  get since(): Rows {
    return this.#since;
  }

  get sinceFirst(): ReadonlyMap<number, "inserted" | "other"> {
    return this.#sinceFirst;
  }

  /** The rows that something of theirs refers to. */
  get refers(): ReadonlySet<number> {
    return this.#refers;
  }

  begin(): void {
    this.#since = new Map();
    this.#sinceFirst = new Map();
  }

  /** `meanwhile` is done while the transaction is open. */
  async act(act: Act, meanwhile: () => Promise<void>): Promise<void> {
    if (act.how === "at once") {
      const done = await this.#try(act);
      return this.#remember(act, done);
    }
    await this.#session.query("begin");
    const done = await this.#try(act);
    await meanwhile();
    const isDone = act.how === "held" && done !== null;
    await this.#session.query(isDone ? "commit" : "rollback");
    if (isDone) this.#remember(act, done);
  }

  /** The row as it is now, as text; null if nothing was done. */
  async #try({ do: what, id }: Act): Promise<string | null> {
    const value = `mine ${++this.#made}`;
    const statement = {
      change: `update t set v = '${value}' where id = ${id} returning t::text as row`,
      delete: `delete from t where id = ${id} returning t::text as row`,
      insert: `insert into t values (${id}, '${value}', 9) returning t::text as row`,
      move: `update t set id = id + ${MOVED_BY} where id = ${id} returning t::text as row`,
      refer: `insert into refers values (${id}) returning id::text as row`,
    };
    try {
      const [done] = await this.#session.query<{ row: string }>(statement[what]);
      return done?.row ?? null;
    } catch (error) {
      if (!(error instanceof PostgresError) || !HARMLESS.includes(error.code)) throw error;
      return null;
    }
  }

  #remember({ do: what, id }: Act, row: string | null): void {
    if (row === null) return;
    if (what === "refer") return void this.#refers.add(id);
    const isGone = what === "delete" || what === "move";
    this.#set(id, isGone ? null : row, what === "insert" ? "inserted" : "other");
    if (what === "delete") this.#refers.delete(id);
    if (what === "move") this.#set(id + MOVED_BY, row, "inserted");
  }

  #set(id: number, row: string | null, first: "inserted" | "other"): void {
    this.#all.set(id, row);
    this.#since.set(id, row);
    if (!this.#sinceFirst.has(id)) this.#sinceFirst.set(id, first);
  }
}
