/**
 * Distinguishes a slow server from one that is gone: frozen, or cut off from the network. Both are
 * silent. For one that is gone, the operating system ends the wait after 11 minutes at the
 * earliest, and a large UPDATE, a lock or an index may well take longer than that.
 *
 * So when a server is silent while a statement waits for it, we probe it over another connection.
 * As long as it answers, or shows any other sign of life, the session is not cut. That leaves a
 * server that is alive but has forgotten us: the network was down for a while, and the server's
 * keepalive ended our backend. Such a server answers our next keepalive with a reset, within 75
 * seconds, which ends the wait. pg_stat_activity would not help: behind PgBouncer, the backend that
 * does our work is not the one whose pid we once asked for.
 */

/** In milliseconds. */
export interface WatchTimes {
  /** How long no byte may move in either direction before we probe the server. */
  readonly silence: number;
  /** How long it may take to answer, and how long we then wait before we probe it again. */
  readonly answer: number;
}

/** With these times we give up on a dead server after a minute, or 40 seconds without a network. */
export const WATCH_TIMES: WatchTimes = { silence: 30_000, answer: 10_000 };

/** How many probes in a row must fail before we give up. Networks do go away for seconds. */
const QUESTIONS = 2;

/** What we know since a byte last moved. Times are readings of one clock, in milliseconds. */
export interface Watch {
  /** Bytes sent and received so far. */
  readonly bytes: number;
  readonly aliveAt: number;
  readonly lookedAt: number;
  readonly askAt: number;
  readonly unanswered: number;
}

export interface Sight {
  readonly now: number;
  readonly bytes: number;
  /** The state of the probe. `answered` and `unanswered` are reported once. */
  readonly question: "none" | "open" | "answered" | "unanswered";
}

export function beginWatch(now: number, bytes: number, times: WatchTimes): Watch {
  return { bytes, aliveAt: now, lookedAt: now, askAt: now + times.silence, unanswered: 0 };
}

/** Decides what one look at the connection means. Call it at least every `times.answer / 4`. */
export function look(
  before: Watch,
  { now, bytes, question }: Sight,
  times: WatchTimes,
): { readonly watch: Watch; readonly next: "wait" | "ask" | "cut" } {
  // The look is late, so this process itself stood still (stopped, suspended or busy). The silence
  // during that time says nothing about the server.
  const stoodStill = now - before.lookedAt > times.answer / 2;
  if (stoodStill || bytes !== before.bytes || question === "answered") {
    return { watch: beginWatch(now, bytes, times), next: "wait" };
  }
  if (question === "unanswered") {
    const unanswered = before.unanswered + 1;
    const watch = { ...before, lookedAt: now, askAt: now + times.answer, unanswered };
    return { watch, next: unanswered < QUESTIONS ? "wait" : "cut" };
  }
  const next = question === "none" && now >= before.askAt ? "ask" : "wait";
  return { watch: { ...before, lookedAt: now }, next };
}

/** What the watchdog needs from the connection that it watches. */
export interface Watched {
  /** Bytes sent and received so far. */
  bytes(): number;
  /** Probes the server: does it show a sign of life? `signal` aborts the probe. Never rejects. */
  answers(timeout: number, signal: AbortSignal): Promise<boolean>;
  /** Cuts the connection. Called once, with the reason. */
  cut(cause: Error): void;
}

export class Watchdog {
  readonly #watched: Watched;
  readonly #times: WatchTimes;
  #watch: Watch | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;
  #waiting = false;
  #question: Sight["question"] = "none";
  #asking: AbortController | null = null;

  constructor(watched: Watched, times: WatchTimes) {
    this.#watched = watched;
    this.#times = times;
  }

  /**
   * From now on, a statement waits for the server. The timer keeps running between consecutive
   * statements and ends itself when there are none. One timer per statement would cost 8 µs of CPU,
   * a tenth of what a small statement takes.
   */
  start(): void {
    this.#waiting = true;
    if (this.#timer !== null) return;
    this.#watch = beginWatch(performance.now(), this.#watched.bytes(), this.#times);
    const interval = Math.min(this.#times.silence, this.#times.answer) / 4;
    this.#timer = setInterval(() => this.#look(), interval);
    // An idle session doesn't keep a process from ending.
    Deno.unrefTimer(this.#timer);
  }

  /** No statement is waiting any more. */
  stop(): void {
    this.#waiting = false;
    if (this.#asking === null) return;
    this.#asking.abort();
    this.#asking = null;
    this.#question = "none";
  }

  /** There is no connection to watch any more. */
  end(): void {
    this.stop();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    if (!this.#waiting || this.#watch === null) return this.end();
    const sight = {
      now: performance.now(),
      bytes: this.#watched.bytes(),
      question: this.#question,
    };
    if (this.#question !== "open") this.#question = "none";
    const { watch, next } = look(this.#watch, sight, this.#times);
    this.#watch = watch;
    if (next === "ask") this.#ask();
    if (next === "cut") {
      this.end();
      this.#watched.cut(noAnswer(sight.now - watch.aliveAt));
    }
  }

  #ask(): void {
    const asking = this.#asking = new AbortController();
    this.#question = "open";
    this.#watched.answers(this.#times.answer, asking.signal).then((answered) => {
      // The answer may belong to a statement that is long done.
      if (this.#asking === asking) this.#question = answered ? "answered" : "unanswered";
    });
  }
}

function noAnswer(milliseconds: number): Error {
  const seconds = Math.round(milliseconds / 1000);
  return Object.assign(new Error(`the server has not answered for ${seconds} s`), {
    code: "ETIMEDOUT",
  });
}
