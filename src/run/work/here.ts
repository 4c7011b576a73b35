/**
 * Workers in the main thread. They do what those of a thread do: the planner, and all the work of a
 * file that is loaded before a thread would be there. It takes 60 ms of processor time to start one,
 * to load its modules again and to run them for the first time.
 */
import type { Roles } from "./roles.ts";
import type { LentConnection } from "./worker_connection.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** As much of a `Worker` as a pool needs. */
export interface WorkerThread {
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: ToWorker): void;
  terminate(): void;
}

export class WorkersHere implements WorkerThread {
  onmessage: WorkerThread["onmessage"] = null;
  onerror: WorkerThread["onerror"] = null;
  /** Their modules are imported only here, so that other commands don't load them. */
  readonly #roles: Promise<Roles>;
  #ended = false;

  constructor(lent: LentConnection | null) {
    const post = (message: FromWorker) => {
      if (!this.#ended) this.onmessage?.(new MessageEvent("message", { data: message }));
    };
    this.#roles = import("./roles.ts").then(({ Roles }) => new Roles(post, lent));
  }

  /** As with a thread, it is heard later. */
  postMessage(message: ToWorker): void {
    this.#roles.then((roles) => {
      if (!this.#ended) roles.hear(message);
    });
  }

  terminate(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#roles.then((roles) => roles.cut());
  }
}
