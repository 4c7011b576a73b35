/**
 * The stream of one client. A client that reads slowly makes the server keep nothing: what is only
 * of the moment is left out for it, and what must arrive is kept up to a limit.
 */
import { GREETING, HEARTBEAT } from "./sse.ts";

/** What must arrive and waits for the client, in bytes. A status is some kilobytes. */
const MOST_WAITING = 256 * 1024;
/** Milliseconds that a client may take to read. The operating system's buffers come on top. */
const PATIENCE = 30_000;
/** Milliseconds after which proxies would take a silent connection for a dead one. */
const SILENCE = 15_000;

/**
 * `gone`: the client hung up. `slow`: it didn't read. `closing`: the server stops. `failed`: an error in
 * the server.
 */
export type StreamEnd =
  | "finished"
  | "deleted"
  | "unauthorized"
  | "gone"
  | "slow"
  | "closing"
  | "failed";

export class EventStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves when nothing more is sent. */
  readonly ended: Promise<StreamEnd>;
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #end: (reason: StreamEnd) => void;
  #isEnded = false;
  /** The client waits for something. */
  #ready = false;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** What ends the stream when all that waits is sent. */
  #last: StreamEnd | null = null;
  /** Since when the client has kept something waiting. */
  #behindSince: number | null = null;
  #wroteAt: number;
  #sent = 0;

  constructor(now: number = performance.now()) {
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.ended = promise;
    this.#end = resolve;
    this.#wroteAt = now;
    this.#add(GREETING);
    this.body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#ready = true;
        this.#behindSince = null;
        this.#flush();
      },
      cancel: () => this.#finish("gone"),
      // Nothing is kept in the stream itself: it is pulled when the client can take something.
    }, { highWaterMark: 0 });
  }

  /** Bytes that the client has taken. */
  get sent(): number {
    return this.#sent;
  }

  /** What is put now is sent at once. */
  get isFree(): boolean {
    return this.#ready && this.#waiting.length === 0;
  }

  /** Must arrive. */
  send(bytes: Uint8Array, now?: number): void {
    this.put([bytes], null, now);
  }

  /**
   * `must` has to arrive: a client that lets too much of it wait is cut off, and may come back.
   * `may` is only of the moment, and comes behind it: false if the client is busy with something
   * earlier, so that it isn't sent.
   */
  put(
    must: readonly Uint8Array[],
    may: Uint8Array | null,
    now: number = performance.now(),
  ): boolean {
    if (this.#isEnded || this.#last !== null) return true;
    const isFree = this.#ready;
    for (const bytes of must) this.#add(bytes);
    if (may !== null && isFree) this.#add(may);
    if (may !== null && !isFree) this.#behindSince ??= now;
    this.#flush(now);
    if (this.#waitingBytes > MOST_WAITING) this.close("slow");
    return isFree;
  }

  /** Ends the stream when the client has got what waits for it. */
  finish(reason: StreamEnd): void {
    this.#last ??= reason;
    this.#flush();
  }

  /** Ends the stream at once. */
  close(reason: StreamEnd): void {
    if (this.#isEnded) return;
    this.#controller?.close();
    this.#finish(reason);
  }

  /** To be called now and then: shows proxies that somebody is there, and gives up slow clients. */
  tend(now: number): void {
    if (this.#behindSince !== null && now - this.#behindSince > PATIENCE) this.close("slow");
    else if (now - this.#wroteAt >= SILENCE) this.put([], HEARTBEAT, now);
  }

  #add(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  #flush(now: number = performance.now()): void {
    if (this.#isEnded) return;
    if (this.#waiting.length === 0) {
      if (this.#last !== null) this.close(this.#last);
      return;
    }
    if (!this.#ready) {
      this.#behindSince ??= now;
      return;
    }
    const bytes = this.#waiting.length === 1 ? this.#waiting[0] : joined(this.#waiting);
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    this.#write(bytes, now);
    if (this.#last !== null) this.close(this.#last);
  }

  #write(bytes: Uint8Array, now: number): void {
    this.#ready = false;
    this.#wroteAt = now;
    this.#sent += bytes.length;
    this.#controller?.enqueue(bytes);
  }

  #finish(reason: StreamEnd): void {
    this.#isEnded = true;
    this.#waiting.length = 0;
    this.#end(reason);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
