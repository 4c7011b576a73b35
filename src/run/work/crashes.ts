/** Whether workers that crash are replaced, and when: decisions only. */
import { backoff } from "../../db/sqlstate.ts";

/** The worker threads keep crashing; the message is one line that says why. */
export class WorkersCrash extends Error {
  override readonly name = "WorkersCrash";
}

export class Crashes {
  readonly #patience: number;
  /** Since a batch was last done. */
  #count = 0;
  /** The time of the first of these. */
  #since = 0;

  /** `patience`: for how long they may go on without a batch that is done, in milliseconds. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /** A worker has crashed. `now`: a reading of the clock that all calls use. Null: replace it. */
  note(reason: string, now: number): WorkersCrash | null {
    if (this.#count++ === 0) this.#since = now;
    if (now - this.#since <= this.#patience) return null;
    const [line] = reason.split("\n");
    return new WorkersCrash(`The workers can't go on. ${line}`);
  }

  /** How long to wait before it is replaced, in milliseconds. */
  get pause(): number {
    return backoff(this.#count);
  }

  /** A batch is done, so the workers can do their work. */
  forget(): void {
    this.#count = 0;
  }
}
