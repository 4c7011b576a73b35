/**
 * Removes by itself what was kept for as long as it should (`options.keep`, `--retention`), in small
 * pieces: each is a short transaction, and one process at a time does one.
 */
import { PostgresError } from "../db/connection_errors.ts";
import { classify } from "../db/sqlstate.ts";
import { deleteRuns, listUnnamed } from "../ledger/runs/deletion.ts";
import type { KeepRule } from "../importer/definition.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { forgetKeys } from "../ledger/runs/request_keys.ts";
import {
  type Ages,
  deleteRowsOf,
  holdCleaning,
  holdOldChain,
  listKeeps,
  lookAtChains,
  noteRowsRemoved,
  type OldRun,
} from "../ledger/runs/retention.ts";
import { forgetExpired } from "../ledger/undo/undo_expiry.ts";
import { removeStoredCopies } from "../source/file/storage.ts";

/** Rows that a piece deletes at most; that takes some 50 ms. */
const PIECE_ROWS = 10_000;
/** Chains that a piece looks at; most of them have nothing to remove. */
const PIECE_CHAINS = 200;

/** Milliseconds until somebody looks again, when nothing was left, and after a failure. */
const PAUSE = 60_000, LONG_PAUSE = 600_000;

export interface CleanUpOptions {
  /** For importers that don't say it themselves. */
  readonly keep: KeepRule;
  /** Null: all of them. */
  readonly importer?: string | null;
  /** Gets what was removed, in a line. */
  log?(line: string): void;
  /** Gets why nothing can be removed. */
  warn?(line: string): void;
  readonly pieceRows?: number;
}

interface Round {
  readonly importers: { readonly importer: string; readonly ages: Ages }[];
  /** Chains of the first of them up to this root are done. */
  after: number;
}

export class CleanUp {
  readonly #options: CleanUpOptions;
  #round: Round | null = null;
  #next = 0;

  constructor(options: CleanUpOptions) {
    this.#options = options;
  }

  /** A piece, if it is time for one. A failure is told, and ends nothing. */
  async look(ledger: Ledger): Promise<void> {
    if (performance.now() < this.#next) return;
    let pause = PAUSE;
    try {
      if (await this.piece(ledger) === "more") pause = 0;
    } catch (error) {
      if (!(error instanceof PostgresError) || classify(error).kind === "transient") throw error;
      this.#end();
      pause = LONG_PAUSE;
      this.#options.warn?.(`Cannot remove what is old: ${error.message}`);
    }
    this.#next = performance.now() + pause;
  }

  /** Does pieces for about so many milliseconds. */
  async during(ledger: Ledger, milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (await this.piece(ledger) === "more" && performance.now() < end);
  }

  /** Does a piece. `done`: nothing is left to remove for now, or another process is at it. */
  async piece(ledger: Ledger): Promise<"more" | "done"> {
    this.#round ??= await this.#begin(ledger);
    const round = this.#round;
    const [current] = round.importers;
    if (current === undefined) {
      return await this.#forgetUndos(ledger) || await this.#forgetKeys(ledger)
        ? "more"
        : this.#end();
    }
    const copies: OldRun[] = [];
    const found = await ledger.transaction(async () => {
      if (!await holdCleaning(ledger)) return "elsewhere";
      const { importer, ages } = current;
      const chains = await lookAtChains(ledger, importer, ages, round.after, PIECE_CHAINS);
      const next = chains.find(({ isExpired, isStale }) => isExpired || isStale);
      if (next === undefined) return { through: chains.at(-1)?.root ?? null, isLast: true };
      const removed = next.isExpired
        ? await this.#deleteChain(ledger, next.root, ages.runs!, copies)
        : await this.#removeRows(ledger, next.root, ages.failed_rows!);
      return { through: removed === "part" ? next.root - 1 : next.root, isLast: false };
    });
    if (found === "elsewhere") return this.#end();
    // Only now: if the deletion had failed, the run would be useless without its file.
    await removeCopies(ledger, copies);
    if (found.through !== null) round.after = found.through;
    else {
      round.importers.shift();
      round.after = 0;
    }
    return "more";
  }

  async #begin(ledger: Ledger): Promise<Round> {
    const { keep: others, importer = null } = this.#options;
    const listed = await listKeeps(ledger, importer);
    const importers = listed.map(({ importer, keep }) => ({
      importer,
      ages: { failed_rows: null, runs: null, ...others, ...keep },
    }));
    return {
      importers: importers.filter(({ ages }) => ages.failed_rows !== null || ages.runs !== null),
      after: 0,
    };
  }

  #end(): "done" {
    this.#round = null;
    return "done";
  }

  /** Keys of requests are kept for a day. */
  async #forgetKeys(ledger: Ledger): Promise<boolean> {
    const { importer = null, pieceRows = PIECE_ROWS } = this.#options;
    return importer === null && await forgetKeys(ledger, pieceRows) === pieceRows;
  }

  /** What undos need is kept for as long as each run's definition says. */
  async #forgetUndos(ledger: Ledger): Promise<boolean> {
    const { importer = null, pieceRows = PIECE_ROWS, log } = this.#options;
    if (importer !== null) return false;
    const forgotten = await forgetExpired(ledger, pieceRows);
    if (forgotten !== null && forgotten.isLast && forgotten.rows > 0) {
      log?.(`Removed the old values of rows that run ${forgotten.root} updated.`);
    }
    return forgotten !== null;
  }

  async #removeRows(ledger: Ledger, root: number, age: number): Promise<"all" | "part"> {
    const chain = await holdOldChain(ledger, root, age);
    if (chain === null) return "all";
    await noteRowsRemoved(ledger, root, age);
    const { pieceRows = PIECE_ROWS } = this.#options;
    const deleted = await deleteRowsOf(ledger, chain, pieceRows, "logged");
    if (deleted === pieceRows) return "part";
    this.#options.log?.(`Removed the logged rows of ${name(chain)}: ${since(age)}.`);
    return "all";
  }

  async #deleteChain(
    ledger: Ledger,
    root: number,
    age: number,
    copies: OldRun[],
  ): Promise<"all" | "part"> {
    const chain = await holdOldChain(ledger, root, age);
    if (chain === null) return "all";
    await noteRowsRemoved(ledger, root, age);
    const { pieceRows = PIECE_ROWS } = this.#options;
    if (await deleteRowsOf(ledger, chain, pieceRows, "all") === pieceRows) return "part";
    await deleteRuns(ledger, chain.map(({ id }) => id));
    copies.push(...chain);
    this.#options.log?.(`Removed ${name(chain)}: ${since(age)}.`);
    return "all";
  }
}

/** The files that stay behind are orphans, which `prune` removes. */
async function removeCopies(ledger: Ledger, runs: readonly OldRun[]): Promise<void> {
  const paths = runs.flatMap(({ processed_filepath: path }) => path === null ? [] : [path]);
  await removeStoredCopies(await listUnnamed(ledger, paths));
}

function name([root, ...others]: readonly OldRun[]): string {
  const more = others.length === 0
    ? ""
    : others.length === 1
    ? ` and run ${others[0].id}, which belongs to it`
    : ` and ${others.length} runs that belong to it`;
  return `run ${root.id}${more}`;
}

const DAY = 86_400_000;

function since(age: number): string {
  const [count, unit] = age >= DAY ? [age / DAY, "day"] : [age / 3_600_000, "hour"];
  const shown = String(Math.round(count * 10) / 10);
  return `it ended more than ${shown} ${unit}${shown === "1" ? "" : "s"} ago`;
}
