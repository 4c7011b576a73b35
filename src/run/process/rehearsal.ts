/**
 * Where a dry run processes the batches that depend on earlier ones: those of later phases, and all
 * batches of a run that is in order. What the earlier batches wrote has been rolled back, so a
 * second session holds a transaction that is never committed. It contains, in order, the rows of
 * the first phase that share a key with a deferred row (keys/earlier_rows.ts), and every batch of
 * the sequence so far. Counts and outcomes are committed batch by batch on the ledger's session,
 * as in a real run.
 *
 * A rehearsal belongs to the worker that processes the sequence; `claimBatch` keeps giving that
 * worker the next batch. If the worker dies, its transaction is lost, and another worker loads
 * everything again.
 */
import { Session } from "../../db/session.ts";
import { isGone } from "../../ledger/batches/begin_batch.ts";
import { type Batch, findDoneAfter } from "../../ledger/batches/batches.ts";
import { listEarlierRows, type WaitingRow } from "../../ledger/batches/deferred.ts";
import { Ledger, LET_GO_OF_THE_DEAD } from "../../ledger/ledger.ts";
import { hasWritten } from "../../ledger/runs/progress.ts";
import { readFingerprint } from "../../ledger/table_fingerprint.ts";
import { clearStage } from "../../load/stage/fill_stage.ts";
import { IMMEDIATELY } from "../../load/refusal/undoable.ts";
import type { LoadPlan } from "../../load/load_plan.ts";
import { encodeBatch, encodeInLevels } from "./encode.ts";
import type { RunProgram } from "../program.ts";
import { type RoutePart, splitByRoute } from "./split_by_route.ts";
import { TableChanged } from "./other_table.ts";
import { encodeResolved, type Look } from "./resolve.ts";
import { loadBatch } from "./load_batch.ts";
import { type ReadBatch, readBatch, readWaiting } from "./read.ts";
import { isAtomic, isInOrder } from "../sequence.ts";

/**
 * While the rehearsal's session works, the ledger's session sends a query at this interval, in
 * milliseconds. That session holds the batch's lock, and would be taken for dead if it stayed silent.
 */
const SIGN_OF_LIFE = 2_000;

interface Open {
  readonly session: Session;
  readonly run: number;
  readonly program: RunProgram;
  /** The number of the last batch loaded in this session. */
  last: number;
}

export class Rehearsal {
  readonly #connect: (ledger: Ledger) => Promise<Session>;
  #open: Open | null = null;

  /** @param connect Opens the second session: the same role in the same database. */
  constructor(connect: (ledger: Ledger) => Promise<Session> = connectAlike) {
    this.#connect = connect;
  }

  /** Was it begun with this program? The same run, compiled anew, needs another. */
  isFor(program: RunProgram): boolean {
    return this.#open?.program === program;
  }

  /** For a run that is loaded as a whole: begins anew, with nothing loaded. */
  async restart(ledger: Ledger, program: RunProgram): Promise<void> {
    await this.close();
    await this.#openFor(ledger, program);
  }

  /** Makes Postgres check what it has put off until the end of the transaction. */
  async checkDeferred(ledger: Ledger): Promise<void> {
    const { session } = this.#opened();
    await this.#speaking(ledger, session, () => session.query(IMMEDIATELY));
  }

  /**
   * Makes sure that everything before the batch is loaded. Runs in the batch's transaction.
   * Overwrites the batch that the program holds in memory.
   */
  async catchUp(ledger: Ledger, program: RunProgram, batch: Batch): Promise<void> {
    const stands = this.#open?.program === program && this.#open.last < batch.number &&
      !this.#open.session.lost;
    if (!stands) await this.close();
    const open = this.#open ??= await this.#begin(ledger, program);
    const which = { all: isInOrder(program), atomic: isAtomic(program.run.definition) };
    for (;;) {
      const done = await findDoneAfter(ledger, batch, open.last, which);
      if (done === null) return;
      const read = await readBatch(ledger, program, done);
      await this.#loadAgain(ledger, program, read, done.phase > 1);
      open.last = done.number;
    }
  }

  /** Does the batch's work in the rehearsal's transaction. Call `catchUp` first. */
  async load<T>(
    ledger: Ledger,
    plan: LoadPlan,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const { session } = this.#opened();
    return await this.#speaking(ledger, session, async () => {
      await clearStage(session, plan);
      return await work(session);
    });
  }

  #opened(): Open {
    if (this.#open === null) throw new Error("Cannot load: the rehearsal has not begun");
    return this.#open;
  }

  /** Looks at the rows that it has loaded, or adds rows to another table. Call `catchUp` first. */
  async look<T>(ledger: Ledger, work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#open === null) throw new Error("Cannot look: the rehearsal has not begun");
    const { session } = this.#open;
    return await this.#speaking(ledger, session, () => work(session));
  }

  /** Does work that may take long on the rehearsal's session, and keeps the ledger's alive. */
  async #speaking<T>(ledger: Ledger, session: Session, work: () => Promise<T>): Promise<T> {
    const speaking = setInterval(() => {
      // The batch is lost, so the work on it is useless.
      ledger.query("select").catch(() => session.destroy());
    }, SIGN_OF_LIFE);
    try {
      return await work();
    } finally {
      clearInterval(speaking);
    }
  }

  /** The batch is committed: keep what was loaded for it. */
  done(batch: Batch): void {
    if (this.#open !== null) this.#open.last = batch.number;
  }

  /** Rolls everything back. Must be called whenever a batch was loaded but not committed. */
  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    await open?.session.close();
  }

  async #openFor(ledger: Ledger, program: RunProgram): Promise<Open> {
    const session = await this.#connect(ledger);
    const open = this.#open = { session, run: program.run.id, program, last: 0 };
    // Only one rehearsal of a run at a time: a second one would wait for locks of the first.
    await this.#speaking(ledger, session, () =>
      session.begin(
        program.run.settings,
        `set local client_min_messages = warning;
         ${LET_GO_OF_THE_DEAD}
         select pg_advisory_xact_lock(${ledger.lockKey("rehearsal", String(open.run))})`,
      ));
    await this.#holdTable(ledger, session, program);
    return open;
  }

  async #begin(ledger: Ledger, program: RunProgram): Promise<Open> {
    const open = await this.#openFor(ledger, program);
    const { batch_rows, batch_bytes } = program.run.definition.options;
    const atomic = isAtomic(program.run.definition);
    for (let after = 0;;) {
      const listed = await listEarlierRows(ledger, open.run, { after, limit: batch_rows, atomic });
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

  /** From here on nobody can alter the table, until the rehearsal ends. */
  async #holdTable(ledger: Ledger, session: Session, { target }: RunProgram): Promise<void> {
    const now = await this.#speaking(ledger, session, async () => {
      try {
        await session.query(target.hold);
      } catch (error) {
        if (isGone(error)) throw new TableChanged();
        throw error;
      }
      return await readFingerprint(new Ledger(session, ledger.schemaName), target.names);
    });
    if (now !== target.fingerprint) throw new TableChanged();
  }

  /** The outcomes of these rows are already recorded, so those of this load are ignored. */
  async #loadAgain(
    ledger: Ledger,
    program: RunProgram,
    read: ReadBatch,
    leveled: boolean,
  ): Promise<void> {
    const look: Look = (work) => this.look(ledger, work);
    const chooseTables = () =>
      encodeResolved(
        ledger.session,
        program,
        (writers) => encodeBatch(program, read, writers),
        { look },
      );
    const { parts } = await splitByRoute(program, read, chooseTables);
    for (const part of parts) await this.#loadPart(ledger, part, leveled);
  }

  async #loadPart(
    ledger: Ledger,
    { program, read }: RoutePart,
    leveled: boolean,
  ): Promise<void> {
    const encoded = await encodeResolved(
      ledger.session,
      program,
      (writers) =>
        leveled
          ? encodeInLevels(program, read, writers, new Set())
          : encodeBatch(program, read, writers),
      { look: (work) => this.look(ledger, work) },
    );
    await this.load(
      ledger,
      program.loadPlan,
      (session) =>
        loadBatch(session, program, encoded, {
          selfReferencesMayWait: false,
          runHasWritten: () => hasWritten(ledger, program.run.id),
        }),
    );
  }
}

function connectAlike(ledger: Ledger): Promise<Session> {
  return Session.open(ledger.session.config, { applicationName: "ingest rehearsal" });
}

/** The first rows that together have at most `limit` bytes; at least one row. */
function upToBytes(rows: readonly WaitingRow[], limit: number): readonly WaitingRow[] {
  let bytes = 0;
  const end = rows.findIndex(({ byte_start, byte_end }) =>
    (bytes += byte_end - byte_start) > limit
  );
  return end === -1 ? rows : rows.slice(0, Math.max(1, end));
}
