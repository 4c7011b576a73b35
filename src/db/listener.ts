/**
 * Listens to a NOTIFY channel over a connection of its own, and reconnects whenever that is lost.
 * Notifications sent in between are lost, and PgBouncer in transaction mode delivers none at all.
 * So the caller must also poll: notifications only make it react sooner.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { identifier } from "./quoting.ts";
import { Session } from "./session.ts";
import { backoff, classify } from "./sqlstate.ts";

export interface ListenerOptions {
  readonly config: DatabaseConfig;
  readonly channel: string;
  readonly applicationName?: string;
  /** Must not throw. Neither may the next two. */
  onNotify(payload: string): void;
  /** Listening has begun, for the first time or again. Earlier notifications were missed. */
  onListening?(): void;
  /** Listening failed, and not because of a lost connection. Called once until it works again. */
  onTrouble?(error: unknown): void;
  /** Milliseconds between checks that the server is still there. The default is 30,000. */
  readonly checkInterval?: number;
  /** How many milliseconds an answer may take. The default is 10,000. */
  readonly answerTimeout?: number;
}

const CHECK_INTERVAL = 30_000;
const ANSWER_TIMEOUT = 10_000;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** Ends the current pause. */
  #wake = () => {};
  /** Connections that were lost or could not be made since the last one that passed a check. */
  #failures = 0;
  #inTrouble = false;

  /** Starts at once and keeps trying until `close`, however long the database is away. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Takes effect at once, whatever the server does. Never throws. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#listen(signal);
      } catch (error) {
        if (!signal.aborted && classify(error).kind !== "lost") this.#complain(error);
      }
      if (!signal.aborted) await this.#pause(backoff(++this.#failures));
    }
  }

  /** Returns when the connection is lost or `signal` is aborted. */
  async #listen(signal: AbortSignal): Promise<void> {
    const { config, channel, applicationName, onNotify, onListening } = this.#options;
    await using session = await Session.open(config, {
      applicationName,
      signal,
      onNotify,
      onLost: () => this.#wake(),
    });
    await this.#ask(session, `listen ${identifier(channel)}`, signal);
    this.#inTrouble = false;
    onListening?.();
    while (!session.lost && !signal.aborted) {
      await this.#pause(this.#options.checkInterval ?? CHECK_INTERVAL);
      if (session.lost || signal.aborted) return;
      // After a network cut, an idle connection looks the same as before.
      await this.#ask(session, "select 1", signal);
      this.#failures = 0;
    }
  }

  /** Gives up on a server that doesn't answer in time: a new connection costs little. */
  async #ask(session: Session, statement: string, signal: AbortSignal): Promise<void> {
    const giveUp = () => session.destroy();
    const timer = setTimeout(giveUp, this.#options.answerTimeout ?? ANSWER_TIMEOUT);
    signal.addEventListener("abort", giveUp);
    if (signal.aborted) giveUp();
    try {
      await session.execute(statement);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }

  #complain(error: unknown): void {
    if (!this.#inTrouble) this.#options.onTrouble?.(error);
    this.#inTrouble = true;
  }

  async #pause(milliseconds: number): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, milliseconds);
    this.#wake = over.resolve;
    await over.promise;
    clearTimeout(timer);
  }
}
