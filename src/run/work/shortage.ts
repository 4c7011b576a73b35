/** What to do when workers can't use the database: decisions only. */

/** Why a worker can't use it. */
export interface Trouble {
  /** One line for the user. */
  readonly message: string;
  /** The server grants no further connection. */
  readonly isFull: boolean;
  /** For the user while the others go on; null: nothing. */
  readonly warning: string | null;
}

export interface Measures {
  /** To be shown to the user. */
  readonly warning: string | null;
  /** The others shall give up their connections when they have nothing to do. */
  readonly share: boolean;
  /** Why nobody has been able to use the database for too long. */
  readonly failure: string | null;
}

const NONE: Measures = { warning: null, share: false, failure: null };

export class Shortage {
  readonly #patience: number;
  /** The workers that can use the database. */
  readonly #usable = new Set<string>();
  /** Since when there are none. */
  #since: number;
  readonly #said = new Set<string>();

  /** `patience`: milliseconds. `now`: a reading of the clock that all calls use. */
  constructor(patience: number, now: number) {
    this.#patience = patience;
    this.#since = now;
  }

  /** A worker could use the database (`trouble` null), or could not. */
  note(worker: string, trouble: Trouble | null, now: number): Measures {
    if (trouble === null) {
      this.#usable.add(worker);
      return NONE;
    }
    this.leave(worker, now);
    const isOver = this.#usable.size === 0 && now - this.#since > this.#patience;
    return {
      warning: this.#once(trouble.warning),
      share: trouble.isFull,
      failure: isOver ? trouble.message : null,
    };
  }

  /** A worker has given up its connection for others, or has ended. */
  leave(worker: string, now: number): void {
    if (this.#usable.delete(worker) && this.#usable.size === 0) this.#since = now;
  }

  #once(warning: string | null): string | null {
    if (warning === null || this.#said.has(warning)) return null;
    this.#said.add(warning);
    return warning;
  }
}
