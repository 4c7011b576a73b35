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
  /** Null: the rest of a refused body is left to Deno. */
  readonly rest: RestTimes | null;
}

/** How long the rest of a refused body is read, in milliseconds. */
export interface RestTimes {
  /** Without a byte: who waits for the answer isn't sending. */
  readonly quiet: number;
  /** In all: nobody keeps the server reading for nothing. */
  readonly total: number;
}

const PATIENCE = 60_000;
const REST: RestTimes = { quiet: 250, total: 5_000 };

/**
 * A body that wasn't read to its end is treated differently by versions of Deno. Before 2.8.3 the
 * connection is closed with the answer: who is still sending may find it broken, and never see the
 * answer. From then on Deno reads the rest itself after the answer, for as long as it comes, and we
 * had better not: a read that still waits when it answers is never let go of (65 KB each time; so
 * still in 2.9.5).
 */
export function restTimes(denoVersion: string): RestTimes | null {
  return denoVersion.localeCompare("2.8.3", "en", { numeric: true }) < 0 ? REST : null;
}

/**
 * Lets `take` read the body to its end. It fails there with RequestRefused, the signal's reason, and
 * whatever breaks the body off. If `take` fails for another reason, the rest is read and discarded
 * before that failure is passed on to be answered.
 */
export async function withIncoming<Taken>(
  body: ReadableStream<Uint8Array>,
  options: IncomingOptions,
  take: (body: ReadableStream<Uint8Array>) => Promise<Taken>,
): Promise<Taken> {
  const { maxBody, maxFile, signal, patience = PATIENCE, rest } = options;
  const reader = body.getReader();
  let size = 0;
  let hasRest = true;
  const limited = new ReadableStream<Uint8Array>({
    async pull(to) {
      const { done, value } = await next(reader, signal, patience).catch((error) => {
        hasRest = false;
        throw error;
      });
      if (done) return to.close();
      size += value.length;
      if (size > maxBody) throw tooLarge(maxFile);
      to.enqueue(value);
    },
  }, { highWaterMark: 0 });
  try {
    return await take(limited);
  } catch (error) {
    if (hasRest && rest !== null) await discardRest(reader, signal, rest);
    // Not waited for: it is let go of, whatever it says to that.
    reader.cancel(error).catch(() => {/* it has failed already */});
    throw error;
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
  patience: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  // Here, as what has come already would be faster than an abort that is long past.
  signal.throwIfAborted();
  const givenUp = Promise.withResolvers<never>();
  const abort = () => givenUp.reject(signal.reason);
  const timer = setTimeout(() => {
    givenUp.reject(
      new RequestRefused(408, "timeout", `Nothing came for ${patience / 1000} seconds.`),
    );
  }, patience);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([reader.read(), givenUp.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

/** Until it ends, breaks off or pauses, its time is up, or the server closes. Doesn't fail. */
async function discardRest(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
  { quiet, total }: RestTimes,
): Promise<void> {
  const end = performance.now() + total;
  try {
    for (let left = total; left > 0; left = end - performance.now()) {
      const { done } = await next(reader, signal, Math.min(quiet, left));
      if (done) return;
    }
  } catch {
    // Nobody is sending any more, or nobody waits. The answer is why the body was refused.
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
