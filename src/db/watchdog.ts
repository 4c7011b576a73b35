/**
 * Distinguishes a slow server from one that is gone: frozen, or cut off from the network. Both are
 * silent. For one that is gone, the operating system ends the wait after 11 minutes at the
 * earliest, and a large UPDATE, a lock or an index may well take longer than that.
 *
 * So when a server is silent while a statement waits for it, we probe it over another connection
 * (sign_of_life.ts). As long as it answers and is at work for us, or nobody can tell, the session is
 * not cut.
 */
import type { SignOfLife } from "./sign_of_life.ts";

/** In milliseconds. */
export interface WatchTimes {
  /** How long no byte may move in either direction before we probe the server. */
  readonly silence: number;
  /** How long it may take to answer. */
  readonly answer: number;
  /** How long we wait after a probe without success before we probe it again. */
  readonly pause: number;
}

/**
 * With these times we give up on a dead server after a minute, or 40 seconds without a network, or if
 * a firewall has forgotten the connection.
 */
export const WATCH_TIMES: WatchTimes = { silence: 30_000, answer: 10_000, pause: 10_000 };

/** How many probes in a row must fail before we give up. Networks do go away for seconds. */
const QUESTIONS = 2;

/** What we know since a byte last moved. Times are readings of one clock, in milliseconds. */
export interface Watch {
  /** Bytes sent and received so far. */
  readonly bytes: number;
  readonly aliveAt: number;
  readonly lookedAt: number;
  /** The same, or when the last probe had no success. */
  readonly quietSince: number;
  readonly unanswered: number;
}

export interface Sight {
  readonly now: number;
  readonly bytes: number;
  /** The state of the probe. `answered` and `unanswered` are reported once. */
  readonly question: "none" | "open" | "answered" | "unanswered";
}

export function beginWatch(now: number, bytes: number): Watch {
  return { bytes, aliveAt: now, lookedAt: now, quietSince: now, unanswered: 0 };
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
    return { watch: beginWatch(now, bytes), next: "wait" };
  }
  if (question === "unanswered") {
    const unanswered = before.unanswered + 1;
    const watch = { ...before, lookedAt: now, quietSince: now, unanswered };
    return { watch, next: unanswered < QUESTIONS ? "wait" : "cut" };
  }
  const due = before.quietSince + (before.unanswered === 0 ? times.silence : times.pause);
  const next = question === "none" && now >= due ? "ask" : "wait";
  return { watch: { ...before, lookedAt: now }, next };
}

/** What the watchdog needs from the connection that it watches. */
export interface Watched {
  /** Bytes sent and received so far. */
  bytes(): number;
  /** Probes the server. `signal` aborts the probe. Never rejects. */
  ask(timeout: number, signal: AbortSignal): Promise<SignOfLife>;
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
  #answer: SignOfLife = "working";

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
    this.#watch = beginWatch(performance.now(), this.#watched.bytes());
    const { silence, answer, pause } = this.#times;
    const interval = Math.min(silence, answer, pause) / 4;
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
      this.#watched.cut(noAnswer(sight.now - watch.aliveAt, this.#answer));
    }
  }

  #ask(): void {
    const asking = this.#asking = new AbortController();
    this.#question = "open";
    this.#watched.ask(this.#times.answer, asking.signal).then((answer) => {
      // The answer may belong to a statement that is long done.
      if (this.#asking !== asking) return;
      this.#answer = answer;
      this.#question = answer === "working" ? "answered" : "unanswered";
    });
  }
}

function noAnswer(milliseconds: number, answer: SignOfLife): Error {
  const time = `for ${Math.round(milliseconds / 1000)} s`;
  const reason = answer === "forgotten"
    ? `nothing has come through ${time}, although the server is there: has a firewall dropped it?`
    : `the server has not answered ${time}`;
  return Object.assign(new Error(reason), { code: "ETIMEDOUT" });
}
