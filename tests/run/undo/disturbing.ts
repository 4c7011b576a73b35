/** Drives runs in this process while others end its connections, cancel the run, and change the table. */
import { DatabaseUnreachable } from "../../../src/db/connection_errors.ts";
import { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { driveRun } from "../../../src/run/work/drive.ts";
import { WorkerPool } from "../../../src/run/work/pool.ts";
import type { Workshop } from "../importing.ts";
import type { Act, Blow, Instant } from "./disturbed_case.ts";
import type { Somebody } from "./somebody.ts";

export interface Disturbances {
  readonly workers: number;
  readonly blows: readonly Blow[];
  readonly acts: readonly Act[];
}

export interface Disturbed {
  readonly ended: Run;
  /** How many of the blows have hit it. */
  readonly hits: number;
}

/** Works on a run until it has ended, however often it is disturbed. */
export interface Driver {
  drive(run: Run, how: Disturbances, somebody: Somebody): Promise<Disturbed>;
}

/** In this process. */
export class Disturber implements Driver, AsyncDisposable {
  readonly #shop: Workshop;
  readonly #watch: Session;
  readonly #ledger: Ledger;

  private constructor(shop: Workshop, watch: Session, blows: Session) {
    this.#shop = shop;
    this.#watch = watch;
    this.#ledger = new Ledger(blows, "ingest");
  }

  static async of(shop: Workshop): Promise<Disturber> {
    const { config } = shop.database;
    const open = () => Session.open(config, { applicationName: "test" });
    return new Disturber(shop, await open(), await open());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watch.close();
    await this.#ledger.session.close();
  }

  async drive(
    run: Run,
    { workers, blows, acts }: Disturbances,
    somebody: Somebody,
  ): Promise<Disturbed> {
    const end = { isOver: false };
    const driving = this.#untilEnded(run, workers).finally(() => end.isOver = true);
    const [ended, hits] = await Promise.all([
      driving,
      this.#strike(run, blows, end),
      meddle(this.#watch, run, acts, somebody, end),
    ]);
    return { ended, hits };
  }

  async #untilEnded(run: Run, workers: number): Promise<Run> {
    for (;;) {
      try {
        const ended = await this.#drive(run, workers);
        if (ended.status !== "cancelled") return ended;
        await reopenForResume(this.#shop.ledger, run.id, "tester", undefined);
      } catch (error) {
        // Its process would end. Another one goes on.
        if (!(error instanceof DatabaseUnreachable)) throw error;
      }
    }
  }

  /** A single worker needs no thread of its own, which would take most of the time. */
  #drive({ id: runId }: Run, workers: number): Promise<Run> {
    const { database: { config } } = this.#shop;
    const here = { config, schemaName: "ingest", workers };
    const pool = workers === 1 ? new WorkerPool({ ...here, batches: 1, here: true }) : undefined;
    return driveRun({ ...here, runId, pool, lookInterval: 20 });
  }

  async #strike(run: Run, blows: readonly Blow[], end: End): Promise<number> {
    let hits = 0;
    for (const { by, when } of blows) {
      await untilInstant(this.#ledger.session, run, when, end);
      if (end.isOver) break;
      if (by === "cancel") hits += await this.#cancel(run);
      else {
        const pids = await this.#ledger.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and application_name like 'ingest%'`,
        );
        hits += pids.length > 0 ? 1 : 0;
      }
    }
    return hits;
  }

  async #cancel({ id }: Run): Promise<number> {
    try {
      await cancelRun(this.#ledger, id, "somebody");
      return 1;
    } catch (error) {
      // It has ended at the same moment.
      if (!(error instanceof Refused)) throw error;
      return 0;
    }
  }
}

/** Whether the run has ended. */
export interface End {
  readonly isOver: boolean;
}

/** Somebody does this to the table, and all of it, even if the run ends before. */
export async function meddle(
  watch: Session,
  run: Run,
  acts: readonly Act[],
  somebody: Somebody,
  end: End,
): Promise<void> {
  for (const act of acts) {
    await untilInstant(watch, run, act.when, end);
    await somebody.act(act, () => untilSomebodyWaits(watch, act.when.messages, end));
  }
}

/** Or until the run has ended. */
export async function untilInstant(
  session: Session,
  { id }: Run,
  { batches, messages }: Instant,
  end: End,
): Promise<void> {
  for (let isMet = false; !isMet && !end.isOver;) {
    [{ isMet }] = await session.query<{ isMet: boolean }>(
      `select count(*) filter (where status = 'completed') >= least($2, count(*))
         and count(*) > 0 as "isMet" from ingest.batches where run_id = $1`,
      [id, batches],
    );
  }
  for (let i = 0; i < messages && !end.isOver; i++) await session.query("select");
}

/** Until somebody waits for the open transaction, or so many messages went to the server and back. */
async function untilSomebodyWaits(session: Session, messages: number, end: End): Promise<void> {
  for (let i = 0; i < messages * 4 && !end.isOver; i++) {
    const [{ waits }] = await session.query<{ waits: boolean }>(
      `select exists (select from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock') as waits`,
    );
    if (waits) return;
  }
}
