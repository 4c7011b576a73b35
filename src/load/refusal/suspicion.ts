/**
 * Keeps trouble that is nobody's fault from failing a million rows one by one. Some errors may be
 * caused by a row, or by the table: a trigger's function fails for one value, or it is broken. Their
 * SQLSTATE doesn't tell. What tells is whether other rows are accepted.
 */
import type { Session } from "../../db/session.ts";
import type { Attempt } from "./isolate.ts";
import type { LoadOptions } from "../load_plan.ts";
import { NOT_TOGETHER, type RowRefusal } from "./refuse.ts";
import { CREATED, type LoadedRows, TAKEN, UNDECIDED, UPDATED } from "../encoded_rows.ts";

/** After this many refused rows, and none written, rows from the rest of the batch are tried. */
const MANY = 100;
const SAMPLES = 20;

/**
 * Syntax errors, unknown names, missing privileges, functions that break their own rules. Usually
 * that is the code of a trigger or a constraint, not the row.
 */
const OF_CODE = /^(42|3F|2F|39)/;

/** The rows of a batch by the numbers that `isolate` uses for them. */
export interface Tried {
  readonly end: number;
  /** The row's index in `LoadedRows`. */
  rowAt(position: number): number;
  attempt(from: number, to: number): Promise<Attempt<RowRefusal>>;
}

export class Suspicion {
  readonly #session: Session;
  readonly #loaded: LoadedRows;
  readonly #options: LoadOptions;
  #refused = 0;
  #first: Error | null = null;
  #firstCode = "";

  constructor(session: Session, loaded: LoadedRows, options: LoadOptions) {
    this.#session = session;
    this.#loaded = loaded;
    this.#options = options;
  }

  /**
   * Call it for each row that was refused alone. Throws the error if it is probably not the row's
   * fault.
   */
  async refused(position: number, refusal: RowRefusal, tried: Tried): Promise<void> {
    if (refusal === NOT_TOGETHER || refusal.suspect === undefined) return;
    this.#first ??= refusal.suspect;
    this.#firstCode ||= refusal.code;
    if (++this.#refused % MANY !== 0 || this.#hasWritten()) return;
    const step = Math.max(1, (tried.end - position - 1) / SAMPLES);
    for (let at = position + 1; at < tried.end; at = Math.floor(at + step)) {
      if (await this.#accepts(at, tried)) return;
    }
    throw this.#first;
  }

  /** Call it when every row has its outcome. */
  async end(): Promise<void> {
    if (this.#first === null || !OF_CODE.test(this.#firstCode) || this.#hasWritten()) return;
    if (await this.#options.runHasWritten?.() === true) return;
    throw this.#first;
  }

  #hasWritten(): boolean {
    return this.#loaded.outcomes.some((_, row) => this.#isWritten(row));
  }

  #isWritten(row: number): boolean {
    const outcome = this.#loaded.outcomes[row];
    return outcome === CREATED || outcome === UPDATED || outcome === TAKEN;
  }

  /** Tries a row before its turn, and undoes that. */
  async #accepts(position: number, tried: Tried): Promise<boolean> {
    const row = tried.rowAt(position);
    if (this.#loaded.outcomes[row] !== UNDECIDED) return false;
    await this.#session.query(`savepoint ${SAMPLE}`);
    await tried.attempt(position, position + 1);
    await this.#session.query(`rollback to ${SAMPLE}; release ${SAMPLE}`);
    const written = this.#isWritten(row);
    this.#loaded.outcomes[row] = UNDECIDED;
    return written;
  }
}

const SAMPLE = "ingest_sample";
