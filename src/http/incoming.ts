/** A request's body as it comes in: not too much of it, not too slowly, not beyond the server. */
import { RequestRefused } from "./answer_failure.ts";

export interface IncomingOptions {
  /** Of the body, in bytes; at the first byte more it fails with `tooLarge(maxFile)`. */
  readonly maxBody: number;
  /** Of the file in it. */
  readonly maxFile: number;
  /** Aborted: nothing more is read, and the stream fails with the signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds that may pass without a byte; a minute without it. */
  readonly patience?: number;
}

const PATIENCE = 60_000;

/** Fails with RequestRefused, the signal's reason, and whatever breaks the body off. */
export function incoming(
  body: ReadableStream<Uint8Array>,
  { maxBody, maxFile, signal, patience = PATIENCE }: IncomingOptions,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let size = 0;
  return new ReadableStream<Uint8Array>({
    async pull(to) {
      try {
        const { done, value } = await next(reader, signal, patience);
        if (done) return to.close();
        size += value.length;
        if (size > maxBody) throw tooLarge(maxFile);
        to.enqueue(value);
      } catch (error) {
        // Not waited for: it is let go of, whatever it says to that. The server reads the rest for
        // whoever hears nothing before all is sent, and keeps nothing of it.
        reader.cancel(error).catch(() => {/* it has failed, with this error */});
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
  patience: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const givenUp = Promise.withResolvers<never>();
  const abort = () => givenUp.reject(signal.reason);
  const timer = setTimeout(() => {
    givenUp.reject(
      new RequestRefused(408, "timeout", `Nothing came for ${patience / 1000} seconds.`),
    );
  }, patience);
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) abort();
    return await Promise.race([reader.read(), givenUp.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

export function tooLarge(maxFile: number): RequestRefused {
  return new RequestRefused(
    413,
    "too_large",
    `The file is larger than the ${maxFile} bytes that are allowed.`,
  );
}

/** What a failure to take a body in is to the client; `what` is said if it was broken off. */
export function receivingFailure(error: unknown, signal: AbortSignal, what: string): unknown {
  const isMeant = error instanceof RequestRefused || (signal.aborted && error === signal.reason) ||
    (error instanceof Error && ["TooLarge", "StorageError"].includes(error.name));
  if (isMeant) return error;
  return Object.assign(new RequestRefused(400, "malformed", what), { cause: error });
}
