/**
 * Listens to a channel of NOTIFY over a connection of its own, which it makes anew whenever it is
 * lost. What was notified in between is lost, and PgBouncer in transaction mode delivers nothing:
 * who listens must look for himself now and then, and is only told sooner.
 */
import type { DatabaseConfig } from "../config/database_config.ts";
import { identifier } from "./quoting.ts";
import { Session } from "./session.ts";
import { backoff, classify } from "./sqlstate.ts";

export interface ListenerOptions {
  readonly config: DatabaseConfig;
  readonly channel: string;
  readonly applicationName?: string;
  /** Must not throw, as the next one. */
  onNotify(payload: string): void;
  /** It listens from now on, for the first time or again: what was notified before, it missed. */
  onListening?(): void;
  /** It can't listen for another reason than a lost connection; told once until it listens. */
  onTrouble?(error: unknown): void;
  /** Milliseconds between questions whether the server is still there; 30,000 without it. */
  readonly checkInterval?: number;
  /** Milliseconds that an answer may take; 10,000 without it. */
  readonly answerTimeout?: number;
}

const CHECK_INTERVAL = 30_000;
const ANSWER_TIMEOUT = 10_000;

export class Listener {
  readonly #options: ListenerOptions;
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** Ends the pause that it makes. */
  #wake = () => {};
  /** Connections that were lost, or not to be had, since one was seen to last. */
  #failures = 0;
  #inTrouble = false;

  /** Begins at once, and goes on until `close`, however long the database is away. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** At once, whatever the server does. Never throws. */
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

  /** Until the connection is lost, or `signal` is aborted. */
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
      // Behind a cable that was cut, an idle connection looks as ever.
      await this.#ask(session, "select 1", signal);
      this.#failures = 0;
    }
  }

  /** A server that doesn't answer in time is given up: another connection costs little. */
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
