/** Loads a source when it is due: once for each time, whoever looks and whatever crashes. */
import type { ScheduleRule } from "../../importer/source_rule.ts";
import type { Importer } from "../../importer/folder.ts";
import {
  beginSchedule,
  findOpenRun,
  type HeldTime,
  holdTime,
  keepTime,
  passTime,
  readSchedule,
  recordScheduleLook,
  releaseTime,
} from "../../ledger/watched/schedules.ts";
import type { LogEntry } from "../../observe/log_entry.ts";
import { HeaderMismatch } from "../../row/mismatch.ts";
import { SourceError } from "../../source/error.ts";
import type { RemoteAccess } from "../../source/remote/remote.ts";
import { createRunFor } from "../request/create.ts";
import { LoadedBefore } from "../request/once.ts";
import { ownSource } from "../request/own_source.ts";
import { Refused } from "../request/refuse/refused.ts";
import type { WithLedger } from "../request/with_ledger.ts";
import { nextDue, ruleText } from "./next_due.ts";

export interface ScheduleWatcher {
  readonly withLedger: WithLedger;
  /** A UUID: this process. */
  readonly holder: string;
  readonly host: string;
  /** Where relative paths begin. */
  readonly base: string;
  readonly remote?: RemoteAccess;
  readonly signal: AbortSignal;
  storageFolder(): Promise<string>;
  /** Where copies are kept for all machines; null: in `storageFolder`. */
  bucketFolder?(): Promise<string | null>;
  log(entry: LogEntry): void;
  /** Milliseconds, of a clock that nobody sets. */
  now(): number;
  /** For tests: the time that counts as the database's. */
  readonly time?: () => Date;
  onStep?(step: string): Promise<void> | void;
}

/** Milliseconds between two records that somebody looks, and two signs that the holder is alive. */
const RECORD = 15_000, SIGN = 15_000;

/** Another process has started what is due. */
class TimeLost extends Error {}

export class ScheduleWatch {
  readonly #watcher: ScheduleWatcher;
  #recorded = -Infinity;
  #waitsFor: number | null = null;

  constructor(watcher: ScheduleWatcher) {
    this.#watcher = watcher;
  }

  async look(rule: ScheduleRule, importer: Importer): Promise<void> {
    const { withLedger, host, now, time } = this.#watcher;
    const { slug } = importer.definition;
    const looked = await withLedger((ledger) => readSchedule(ledger, slug));
    const { schedule } = looked;
    const at = time?.() ?? looked.now;
    const text = ruleText(rule);
    if (schedule === null || schedule.rule !== text) {
      const next = { rule: text, due_at: await nextDue(rule, at, null) };
      await withLedger((ledger) => beginSchedule(ledger, slug, next, schedule?.rule ?? null, host));
      return;
    }
    if (now() - this.#recorded >= RECORD) {
      await withLedger((ledger) => recordScheduleLook(ledger, slug, host));
      this.#recorded = now();
    }
    if (at < schedule.due_at) return;
    // What was missed is made up for once.
    const next = await nextDue(rule, at, schedule.due_at);
    await this.#start(rule, importer, { ...schedule, importer: slug }, next);
  }

  async #start(
    rule: ScheduleRule,
    importer: Importer,
    due: Omit<HeldTime, "holder">,
    next: Date,
  ): Promise<void> {
    const { withLedger, holder, log, signal } = this.#watcher;
    const held: HeldTime = { ...due, holder };
    const open = await withLedger((ledger) => findOpenRun(ledger, due.importer));
    if (open !== null && rule.if_running === "wait") {
      if (this.#waitsFor !== open) this.#tell(due.importer, "info", `waits for run ${open}.`);
      this.#waitsFor = open;
      return;
    }
    if (!await withLedger((ledger) => holdTime(ledger, held))) return;
    const pass = (message: string) =>
      withLedger((ledger) => passTime(ledger, held, next, { run: null, message }));
    if (open !== null) {
      const message = `left out, because run ${open} was not done.`;
      if (await pass(message)) this.#tell(due.importer, "warning", message);
      return;
    }
    const signs = setInterval(() => {
      // If that fails, so will the transaction that creates the run, or somebody else has it.
      withLedger((ledger) => keepTime(ledger, held)).catch(() => {});
    }, SIGN);
    try {
      const run = await this.#create(importer, held, next);
      const message = `${due.importer} was due: run ${run} has begun.`;
      log({ level: "info", message, importer: due.importer, run_id: run });
    } catch (error) {
      if (error instanceof TimeLost) return;
      if (error instanceof LoadedBefore) {
        if (await pass(error.message)) this.#tell(due.importer, "info", error.message);
      } else if (!signal.aborted && isOfTheSource(error)) {
        if (await pass(error.message)) this.#tell(due.importer, "error", error.message);
      } else {
        await withLedger((ledger) => releaseTime(ledger, held)).catch(() => {
          // Then it counts as given up after a while.
        });
        if (!signal.aborted) throw error;
      }
    } finally {
      clearInterval(signs);
    }
  }

  /** As a trigger does. */
  async #create({ definition, ...origin }: Importer, held: HeldTime, next: Date): Promise<number> {
    const { withLedger, base, remote, storageFolder, bucketFolder, onStep } = this.#watcher;
    const file = ownSource(definition.source, base);
    if (file === null) throw new Refused(`The definition of ${definition.slug} names no source.`);
    await onStep?.("create");
    const { run } = await createRunFor(withLedger, {
      ...{ definition, origin, file, remote, user: null, detach: true, dryRun: false },
      ...{ spoolFolder: await storageFolder(), storage: bucketFolder },
      alongside: async (ledger, run) => {
        if (!await passTime(ledger, held, next, { run, message: null })) throw new TimeLost();
        await onStep?.("commit");
      },
    });
    return run.id;
  }

  #tell(importer: string, level: LogEntry["level"], text: string): void {
    this.#watcher.log({ level, message: `${importer} was due: ${text}`, importer });
  }
}

/** It is tried again when it is due again. Anything else is tried again soon. */
function isOfTheSource(error: unknown): error is Error {
  return error instanceof SourceError || error instanceof HeaderMismatch ||
    error instanceof Refused;
}
