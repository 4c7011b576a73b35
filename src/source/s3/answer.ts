/** What S3 answers, piece by piece. */
import { SourceError } from "../error.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** An answer broke off: what has come is right, and the rest can be asked for. */
export class Interrupted extends SourceError {
  override readonly name: string = "SourceError";
}

export class S3Answer {
  readonly headers: Headers;
  readonly status: number;
  readonly #answer: Response;
  readonly #stop: Stopwatch;
  readonly #doing: string;

  constructor(answer: Response, stop: Stopwatch, doing: string) {
    this.headers = answer.headers;
    this.status = answer.status;
    this.#answer = answer;
    this.#stop = stop;
    this.#doing = doing;
  }

  /** Throws Interrupted. */
  async *body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.#answer.body ?? []) {
        this.#stop.touch();
        yield chunk;
      }
    } catch (error) {
      throw new Interrupted(
        this.#stop.hasRunOut
          ? `${this.#doing}: nothing has come for ${this.#stop.seconds} seconds. Try again later.`
          : `${this.#doing}: the connection broke off. Try again later.`,
        { cause: error },
      );
    } finally {
      this.#stop.end();
    }
  }

  /** Nothing of the body is wanted. */
  async discard(): Promise<void> {
    this.#stop.end();
    await this.#answer.body?.cancel();
  }

  /** Throws Interrupted. */
  async bytes(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.body()) chunks.push(chunk);
    return joined(chunks);
  }
}

/** The body of an answer that is no success. */
export async function readAll(answer: Response, stop: Stopwatch): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body ?? []) {
    stop.touch();
    chunks.push(chunk);
  }
  return joined(chunks);
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
