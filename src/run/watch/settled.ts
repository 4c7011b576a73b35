/** Which files have stopped growing: decided from what one machine has seen, by its own steady clock. */
import type { FileState, FoundFile } from "../../ledger/watched/watched_files.ts";

interface Seen extends FileState {
  readonly since: number;
}

export class Settled {
  #seen = new Map<string, Seen>();

  /**
   * Those that have been as they are for so many milliseconds. `now`: a reading of a clock that nobody
   * sets, in milliseconds.
   */
  look(files: readonly FoundFile[], settle: number, now: number): FoundFile[] {
    const before = this.#seen;
    this.#seen = new Map(files.map(({ name, size, mtime }) => {
      const seen = before.get(name);
      const isSame = seen !== undefined && seen.size === size && seen.mtime === mtime;
      return [name, { size, mtime, since: isSame ? seen.since : now }];
    }));
    return files.filter(({ name }) =>
      before.has(name) && now - this.#seen.get(name)!.since >= settle
    );
  }
}
