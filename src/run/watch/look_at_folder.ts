/** One look into a watched folder: moves what has been loaded, and takes what is complete. */
import type { Importer } from "../../importer/folder.ts";
import { readOpenFiles, takeFilesToMove } from "../../ledger/watched/watched_files.ts";
import { recordLook } from "../../ledger/watched/watched_folders.ts";
import type { LogEntry } from "../../observe/log_entry.ts";
import { FolderProblem, listWaiting } from "./list_waiting.ts";
import { moveFile, type Mover } from "./move_file.ts";
import { Settled } from "./settled.ts";
import { takeFile, type Taker } from "./take_file.ts";
import type { WatchedFolder } from "./watched_folder.ts";

/** In one look. */
const MOST_TAKEN = 50, MOST_MOVED = 50;
/** Runs that wait to be loaded: the files of others stay where they are until then. */
const MOST_RUNS = 100;
/** Milliseconds between two records of the look, if there is no news. */
const RECORD = 15_000;

export interface Watcher extends Taker, Mover {
  log(entry: LogEntry): void;
  /** Milliseconds, of a clock that nobody sets. */
  now(): number;
}

export class FolderWatch {
  readonly #watcher: Watcher;
  readonly #settled = new Settled();
  /** Problems that were told: each is told once, until it is gone. */
  #told = new Set<string>();
  #recorded: { readonly what: string; readonly at: number } | null = null;

  constructor(watcher: Watcher) {
    this.#watcher = watcher;
  }

  async look(folder: WatchedFolder, importer: Importer): Promise<void> {
    const { withLedger, log } = this.#watcher;
    const problems: string[] = [];
    const told = new Set<string>();
    const tell = (message: string) => {
      problems.push(message);
      told.add(message);
      if (this.#told.has(message)) return;
      log({ level: "warning", message, importer: folder.importer });
    };
    let waiting = 0;
    try {
      await this.#move(folder);
      const open = await withLedger((ledger) => readOpenFiles(ledger, folder.importer));
      const found = await listWaiting(folder, open.names);
      waiting = found.count;
      const settle = folder.ready === null ? folder.settle : 0;
      const complete = folder.ready === null
        ? this.#settled.look(found.files, settle, this.#watcher.now())
        : found.files;
      const room = Math.max(0, Math.min(MOST_TAKEN, MOST_RUNS - open.runs));
      waiting -= await this.#take(folder, importer, complete.slice(0, room), tell);
    } catch (error) {
      if (!(error instanceof FolderProblem)) throw error;
      tell(error.message);
    }
    this.#told = told;
    await this.#record(folder, waiting, problems);
  }

  async #move(folder: WatchedFolder): Promise<void> {
    const { withLedger, log, signal } = this.#watcher;
    const files = await withLedger((ledger) =>
      takeFilesToMove(ledger, folder.importer, MOST_MOVED)
    );
    for (const file of files) {
      if (signal.aborted) return;
      const moved = await moveFile(this.#watcher, folder, file);
      const about = {
        importer: folder.importer,
        file: file.name,
        ...(file.run_id !== null && { run_id: file.run_id }),
      };
      const name = `${folder.importer}: ${file.name}`;
      if (moved.as === "moved") {
        log({ level: "info", message: `${name} was moved to ${moved.to}.`, ...about });
      } else if (moved.as === "replaced") {
        const message = `${name} was replaced by another file before it could be moved.`;
        log({ level: "info", message, ...about });
      } else if (moved.isNews) log({ level: "warning", message: moved.message, ...about });
    }
  }

  async #take(
    folder: WatchedFolder,
    importer: Importer,
    files: Awaited<ReturnType<typeof listWaiting>>["files"],
    tell: (message: string) => void,
  ): Promise<number> {
    const { log, signal } = this.#watcher;
    let taken = 0;
    for (const file of files) {
      if (signal.aborted) break;
      const about = { importer: folder.importer, file: file.name };
      try {
        const result = await takeFile(this.#watcher, folder, importer, file);
        if (result.as === "left") continue;
        taken++;
        const name = `${folder.importer}: ${file.name}`;
        if (result.as === "run") {
          const { id } = result.run;
          log({ level: "info", message: `${name} was taken: run ${id}.`, ...about, run_id: id });
        } else {
          const level = result.goesTo === "failed" ? "error" : "info";
          log({ level, message: `${name}: ${result.message}`, ...about });
        }
      } catch (error) {
        // Others may do better.
        if (!(error instanceof FolderProblem)) throw error;
        tell(error.message);
      }
    }
    return taken;
  }

  async #record(
    { importer, path }: WatchedFolder,
    waiting: number,
    problems: readonly string[],
  ): Promise<void> {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more problems)` : "";
    const problem = problems.length === 0 ? null : problems[0] + more;
    const what = JSON.stringify([waiting, problem]);
    const { withLedger, host, now } = this.#watcher;
    if (this.#recorded?.what === what && now() - this.#recorded.at < RECORD) return;
    await withLedger((ledger) =>
      recordLook(ledger, { ...{ importer, host, path }, waiting, problem })
    );
    this.#recorded = { what, at: now() };
  }
}
