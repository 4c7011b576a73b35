/**
 * Several connections over which batches are compared at once. One thread encodes for all of them:
 * while Postgres compares, which takes twice as long, it is free for the next batch.
 */
import { DatabaseUnreachable, Session } from "../../db/session.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { SourceError } from "../../source/error.ts";
import type { Allowances } from "./allowance.ts";
import { readByTable } from "./rows_by_table.ts";
import { compileAgain, type CompiledRun } from "./compile.ts";
import type { Tally } from "./findings.ts";
import type { Part } from "./read_rows.ts";
import type { Compared } from "./compared.ts";
import type { VerifyOptions } from "./options.ts";
import { type Look, TableMoved, verifyRows } from "./verify_rows.ts";

/** Rows that can't be found by a key. */
export interface Keyless {
  readonly compiled: CompiledRun;
  readonly compared: Compared;
  readonly part: Part;
  /** Their numbers. */
  readonly rows: readonly number[];
}

/** Rows that have changed, but may have been replaced. */
export interface Changed {
  readonly part: Part;
  readonly compared: Compared;
  /** Their numbers. */
  readonly rows: readonly number[];
  /** What is left of the part's, for the table. */
  readonly allowances: Allowances;
}

export interface CompareOptions {
  /** See `Look`. */
  readonly leavesChanged: (compared: Compared) => boolean;
  readonly onPart: (part: Part) => void;
}

export interface ComparedParts {
  /** For the table as it was in the end. */
  readonly compiled: CompiledRun;
  /** How many rows were read, if nothing of the file has changed. */
  readonly read: number;
  readonly changed: readonly Changed[];
  readonly keyless: readonly Keyless[];
}

interface ComparedPart {
  readonly compiled: CompiledRun;
  readonly read: number;
  readonly changed: readonly Changed[];
  readonly keyless: readonly Keyless[];
}

export class Comparers implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #options: VerifyOptions;
  readonly #tally: Tally;
  readonly #others: Ledger[] = [];
  /** Their hooks end with this. */
  readonly #used = new Set<CompiledRun>();
  #mayOpen = true;
  readonly #stop: () => void;

  /** `ledger`'s own connection is one of them. */
  constructor(ledger: Ledger, options: VerifyOptions, tally: Tally) {
    this.#ledger = ledger;
    this.#options = options;
    this.#tally = tally;
    this.#stop = () => {
      for (const { session } of this.#others) session.destroy();
    };
    options.signal?.addEventListener("abort", this.#stop);
  }

  /** Throws what the first one throws; then the others have ended, too. */
  async compare(
    compiled: CompiledRun,
    parts: readonly Part[],
    { leavesChanged, onPart }: CompareOptions,
  ): Promise<ComparedParts> {
    const changed: Changed[] = [];
    const keyless: Keyless[] = [];
    const left = parts.values();
    const lookAt = (compared: Compared) => ({
      leavesChanged: leavesChanged(compared),
      second: null,
    });
    let read = 0;
    let failure: { readonly reason: unknown } | null = null;
    const work = async (ledger: Ledger, own: CompiledRun) => {
      this.#used.add(own);
      // All take from the same list.
      for (const part of left) {
        const found = await this.#comparePart(ledger, own, part, lookAt);
        if (found !== null && found.compiled !== own) {
          compiled = own = found.compiled;
          this.#used.add(own);
        }
        read += found?.read ?? 0;
        changed.push(...found?.changed ?? []);
        keyless.push(...found?.keyless ?? []);
        onPart(part);
        if (failure !== null) return;
      }
    };
    const ledgers = await this.#open(parts.length);
    const { table } = compiled;
    await Promise.all(ledgers.map(async (ledger, index) => {
      try {
        // Each needs an encoder of its own.
        await work(ledger, index === 0 ? compiled : await compileAgain(ledger, compiled, table));
      } catch (reason) {
        failure ??= { reason };
      }
    }));
    if (failure !== null) throw (failure as { readonly reason: unknown }).reason;
    return { compiled, read, changed: inOrder(changed, parts), keyless: inOrder(keyless, parts) };
  }

  /** Null if the file has changed there. */
  async #comparePart(
    ledger: Ledger,
    compiled: CompiledRun,
    part: Part,
    lookAt: (compared: Compared) => Look,
  ): Promise<ComparedPart | null> {
    const changed: Changed[] = [];
    const keyless: Keyless[] = [];
    // If one of the tables moves, those before it are not compared again.
    const done = new Map<string, number>();
    for (;;) {
      try {
        const { tables, refused, count } = await readByTable(ledger, compiled, part);
        for (const { compared, rows } of tables) {
          const table = compared.run.definition.table;
          if (done.has(table)) continue;
          const left = await verifyRows(ledger, compared, rows, lookAt(compared), this.#tally);
          done.set(table, rows.read.count);
          const { allowances } = rows;
          if (left.changed.length > 0) {
            changed.push({ part, compared, rows: left.changed, allowances });
          }
          if (left.keyless.length > 0) {
            keyless.push({ compiled, part, compared, rows: left.keyless });
          }
        }
        this.#tally.refused(compiled.run.id, refused);
        return { compiled, read: count, changed, keyless };
      } catch (error) {
        if (error instanceof SourceError) {
          const rows = part.rows - [...done.values()].reduce((sum, each) => sum + each, 0);
          this.#tally.unreadable({ ...part, rows });
          return null;
        }
        if (!(error instanceof TableMoved)) throw error;
        compiled = await compileAgain(ledger, compiled);
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
    for (const { program } of this.#used) await program.hooks?.close();
  }
}

/** In the order of the parts, whichever connection was faster: of equal rows, the first one counts. */
function inOrder<T extends { readonly part: Part }>(found: T[], parts: readonly Part[]): T[] {
  const places = new Map(parts.map((part, index) => [part, index]));
  return found.sort((a, b) => places.get(a.part)! - places.get(b.part)!);
}
