/** One thread of a pool: what the pool knows about it and tells it. */
import type { DatabaseConfig } from "../../config/database_config.ts";
import { WorkersHere, type WorkerThread } from "./here.ts";
import { takeThread } from "./threads.ts";
import type { LentConnection } from "./worker_connection.ts";
import type { Assignment, FromWorker, Role, ToWorker } from "./worker_messages.ts";

export interface PoolThreadOptions {
  readonly config: DatabaseConfig;
  readonly schemaName: string;
  readonly roles: readonly Role[];
  /** For messages to the user. */
  readonly name: string;
  /** As in `batches.worker`. */
  readonly where: string;
  /** In this thread, and over `lent` unless that is null. */
  readonly here: boolean;
  readonly lent: LentConnection | null;
  /** Gets its messages. An error that nothing has caught there is a `crashed`. */
  hear(thread: PoolThread, message: FromWorker): void;
}

export class PoolThread {
  readonly roles: readonly Role[];
  readonly name: string;
  readonly where: string;
  /** When it last sent a message, as `performance.now()`. */
  heardAt = performance.now();
  readonly #worker: WorkerThread;
  readonly #ended = Promise.withResolvers<void>();
  #retired = false;

  /** Its workers connect and wait for `begin`. */
  constructor({ config, schemaName, roles, name, where, here, lent, hear }: PoolThreadOptions) {
    this.roles = roles;
    this.name = name;
    this.where = where;
    this.#worker = here ? new WorkersHere(lent) : takeThread();
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(this, data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      hear(this, { type: "crashed", message: event.message });
    };
    this.post({ type: "connect", roles, config, schemaName, name: where });
  }

  post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  begin({ onlyRun, table }: Assignment): void {
    this.post({ type: "begin", assignment: { onlyRun, table } });
  }

  /** The others are enough: it finishes its batch and ends. */
  retire(): void {
    this.#retired = true;
    this.post({ type: "stop" });
  }

  get retired(): boolean {
    return this.#retired;
  }

  /** Resolves when it does nothing any more. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** It has said that it does nothing any more. */
  noteEnd(): void {
    this.#ended.resolve();
  }

  /** Ends it at once. */
  terminate(): void {
    this.#worker.terminate();
    this.#ended.resolve();
  }
}
