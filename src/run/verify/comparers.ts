/**
 * Several connections over which batches are compared at once. One thread encodes for all of them:
 * while Postgres compares, which takes twice as long, it is free for the next batch.
 */
import { DatabaseUnreachable, Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { SourceError } from "../../source/error.ts";
import { type CompiledRun, compileToVerify } from "./compile.ts";
import type { Tally } from "./findings.ts";
import type { Part } from "./read_rows.ts";
import type { Compared } from "./compared.ts";
import type { VerifyOptions } from "./options.ts";
import { type Look, TableMoved, type Verdict, verifyRows } from "./verify_rows.ts";

/** Rows that can't be found by a key; `rows`: their numbers. */
export interface Keyless {
  readonly compared: Compared;
  readonly part: Part;
  readonly rows: readonly number[];
}

export interface CompareOptions {
  readonly lookAgain: boolean;
  readonly onPart: (part: Part) => void;
}

export interface ComparedParts {
  readonly again: readonly Part[];
  readonly keyless: readonly Keyless[];
}

export class Comparers implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #options: VerifyOptions;
  readonly #tally: Tally;
  readonly #others: Ledger[] = [];
  #mayOpen = true;
  readonly #stop: () => void;

  /** `ledger`'s own connection is one of them. */
  constructor(ledger: Ledger, options: VerifyOptions, tally: Tally) {
    this.#ledger = ledger;
    this.#options = options;
    this.#tally = tally;
    this.#stop = () => {
      for (const { session } of [ledger, ...this.#others]) session.destroy();
    };
    options.signal?.addEventListener("abort", this.#stop);
  }

  /** Throws what the first one throws; then the others have ended, too. */
  async compare(
    compiled: CompiledRun,
    parts: readonly Part[],
    { lookAgain, onPart }: CompareOptions,
  ): Promise<ComparedParts> {
    const again: Part[] = [];
    const keyless: Keyless[] = [];
    const left = parts.values();
    const look = { later: null, lookAgain };
    let failed = false;
    const work = async (ledger: Ledger, own: CompiledRun) => {
      // All take from the same list.
      for (const part of left) {
        const { verdict, compared } = await this.#comparePart(ledger, own, part, look);
        own = compared;
        if (verdict?.again === true) again.push(part);
        else if (verdict !== null && verdict.keyless.length > 0) {
          keyless.push({ compared, part, rows: verdict.keyless });
        }
        onPart(part);
        if (failed) return;
      }
    };
    const ledgers = await this.#open(parts.length);
    const { table } = compiled.program.loadPlan;
    const ends = await Promise.allSettled(ledgers.map(async (ledger, index) => {
      try {
        // Each needs an encoder of its own.
        await work(
          ledger,
          index === 0 ? compiled : await compileToVerify(ledger, compiled.run, table),
        );
      } catch (error) {
        failed = true;
        throw error;
      }
    }));
    const end = ends.find((each) => each.status === "rejected");
    if (end !== undefined) throw end.reason;
    return { again, keyless };
  }

  /** `verdict`: null if the file has changed there. */
  async #comparePart(
    ledger: Ledger,
    compared: CompiledRun,
    part: Part,
    look: Look,
  ): Promise<{ readonly verdict: Verdict | null; readonly compared: CompiledRun }> {
    for (;;) {
      try {
        const rows = await part.read(ledger, compared.program);
        return { compared, verdict: await verifyRows(ledger, compared, rows, look, this.#tally) };
      } catch (error) {
        if (error instanceof SourceError) {
          this.#tally.unreadable(part);
          return { compared, verdict: null };
        }
        if (!(error instanceof TableMoved)) throw error;
        compared = await compileToVerify(ledger, compared.run);
      }
    }
  }

  /** As many as are wanted, or as the server grants. */
  async #open(parts: number): Promise<readonly Ledger[]> {
    const { config, workers, onHeldUp } = this.#options;
    const wanted = Math.min(workers, parts) - 1;
    while (this.#mayOpen && this.#others.length < wanted) {
      try {
        const session = await Session.open(config, { onHeldUp });
        this.#others.push(new Ledger(session, this.#ledger.schemaName));
      } catch (error) {
        if (!(error instanceof DatabaseUnreachable)) throw error;
        this.#mayOpen = false;
      }
    }
    return [this.#ledger, ...this.#others.slice(0, Math.max(0, wanted))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#stop);
    for (const { session } of this.#others) await session.close();
  }
}
