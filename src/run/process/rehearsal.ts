/**
 * Where a dry run does the batches that depend on earlier ones: those of later phases, and all of a
 * run that is in order. What the earlier ones wrote is rolled back, so a second session holds a
 * transaction that is never committed: in it are, in their order, the rows of the first phase that
 * share a key with one that waits (keys/earlier_rows.ts), and every batch of the sequence so far.
 * Counts and outcomes are committed batch by batch on the ledger's session, as in a real run.
 *
 * It belongs to the worker that does the sequence; `claimBatch` keeps giving it the next batch.
 * When that worker dies its transaction is gone, and another loads everything once more.
 */
import { Session } from "../../db/session.ts";
import { type Batch, findDoneAfter } from "../../ledger/batches.ts";
import { listEarlierRows, type WaitingRow } from "../../ledger/deferred.ts";
import { type Ledger, LET_GO_OF_THE_DEAD } from "../../ledger/ledger.ts";
import { clearStage } from "../../load/fill_stage.ts";
import { loadRows } from "../../load/load.ts";
import { encodeBatch, encodeInLevels } from "./encode.ts";
import type { RunProgram } from "../program.ts";
import { resolveBatch } from "./resolve.ts";
import { type ReadBatch, readBatch, readWaiting } from "./read.ts";
import { isInOrder } from "../sequence.ts";

/**
 * While the rehearsal's session works, the ledger's says something every so many milliseconds: it
 * holds the batch, and would be taken for dead.
 */
const SIGN_OF_LIFE = 2_000;

interface Open {
  readonly session: Session;
  readonly run: number;
  /** The number of the last batch in it. */
  last: number;
}

export class Rehearsal {
  readonly #connect: (ledger: Ledger) => Promise<Session>;
  #open: Open | null = null;

  /** @param connect Makes the second session: the same role in the same database. */
  constructor(connect: (ledger: Ledger) => Promise<Session> = connectAlike) {
    this.#connect = connect;
  }

  /** Is it the one in which a batch of this run goes on? */
  isFor(batch: Pick<Batch, "run_id">): boolean {
    return this.#open?.run === batch.run_id;
  }

  /**
   * Makes sure that everything before the batch is loaded. In the batch's transaction. Overwrites
   * what the program holds of a batch.
   */
  async catchUp(ledger: Ledger, program: RunProgram, batch: Batch): Promise<void> {
    const stands = this.#open?.run === batch.run_id && this.#open.last < batch.number &&
      !this.#open.session.lost;
    if (!stands) await this.close();
    const open = this.#open ??= await this.#begin(ledger, program);
    const all = isInOrder(program);
    for (;;) {
      const done = await findDoneAfter(ledger, batch, open.last, all);
      if (done === null) return;
      const read = await readBatch(ledger, program, done);
      await this.#loadAgain(ledger, program, read, done.phase > 1);
      open.last = done.number;
    }
  }

  /** Does the batch's work in the rehearsal's transaction, which `catchUp` has made ready. */
  async load<T>(ledger: Ledger, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#open === null) throw new Error("Cannot load: the rehearsal has not begun");
    const { session } = this.#open;
    return await this.#speaking(ledger, session, async () => {
      await clearStage(session);
      return await work(session);
    });
  }

  /** Does something that may take long on the rehearsal's session. */
  async #speaking<T>(ledger: Ledger, session: Session, work: () => Promise<T>): Promise<T> {
    const speaking = setInterval(() => {
      // Its batch is lost, so this is for nothing.
      ledger.query("select").catch(() => session.destroy());
    }, SIGN_OF_LIFE);
    try {
      return await work();
    } finally {
      clearInterval(speaking);
    }
  }

  /** The batch is committed: what was loaded for it stands. */
  done(batch: Batch): void {
    if (this.#open !== null) this.#open.last = batch.number;
  }

  /** Everything is rolled back. Must follow whenever a batch was loaded and not committed. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.session.close();
  }

  async #begin(ledger: Ledger, program: RunProgram): Promise<Open> {
    const session = await this.#connect(ledger);
    const open = this.#open = { session, run: program.run.id, last: 0 };
    // One at a time: a second one would meet the rows of the first, and wait for them.
    await this.#speaking(ledger, session, () =>
      session.query(
        `begin isolation level read committed;
         set local client_min_messages = warning;
         ${LET_GO_OF_THE_DEAD}
         select pg_advisory_xact_lock(${ledger.lockKey("rehearsal", String(open.run))})`,
      ));
    const { batch_rows, batch_bytes } = program.run.definition.options;
    for (let after = 0;;) {
      const listed = await listEarlierRows(ledger, open.run, after, batch_rows);
      if (listed.length === 0) return open;
      const rows = upToBytes(listed, batch_bytes);
      await this.#loadAgain(
        ledger,
        program,
        await readWaiting(ledger, program, rows),
        false,
      );
      after = rows[rows.length - 1].row_number;
    }
  }

  /** What becomes of the rows is known: it becomes of them again. */
  async #loadAgain(
    ledger: Ledger,
    program: RunProgram,
    read: ReadBatch,
    leveled: boolean,
  ): Promise<void> {
    const writers = await resolveBatch(ledger, program, read);
    const { good } = leveled
      ? encodeInLevels(program, read, writers, new Set())
      : encodeBatch(program, read, writers);
    await this.load(
      ledger,
      (session) =>
        loadRows(session, program.loadPlan, good, program.history, {
          selfReferencesMayWait: false,
        }),
    );
  }
}

function connectAlike(ledger: Ledger): Promise<Session> {
  return Session.open(ledger.session.config, { applicationName: "ingest rehearsal" });
}

/** The first of the rows, as many as have so many bytes; at least one. */
function upToBytes(rows: readonly WaitingRow[], limit: number): readonly WaitingRow[] {
  let bytes = 0;
  const end = rows.findIndex(({ byte_start, byte_end }) =>
    (bytes += byte_end - byte_start) > limit
  );
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}
