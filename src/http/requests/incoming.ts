/** Reads a request's body, with limits: its size, its pauses, and the end of the server. */
import { RequestRefused } from "../answers/answer_failure.ts";

export interface IncomingOptions {
  /** Limit of the body, in bytes. The first byte beyond it fails with `tooLarge(maxFile)`. */
  readonly maxBody: number;
  /** Limit of the file in it, in bytes. */
  readonly maxFile: number;
  /** When aborted, nothing more is read, and the stream fails with the signal's reason. */
  readonly signal: AbortSignal;
  /** Milliseconds that may pass without a byte; default: a minute. */
  readonly patience?: number;
  /** Null: Deno deals with the rest of a refused body. */
  readonly rest: RestTimes | null;
}

/** How long the rest of a refused body is read, in milliseconds. */
export interface RestTimes {
  /** Without a byte: a client that waits for the answer isn't sending. */
  readonly quiet: number;
  /** In total: no client can keep the server reading for nothing. */
  readonly total: number;
}

const PATIENCE = 60_000;
const REST: RestTimes = { quiet: 250, total: 5_000 };

/**
 * Versions of Deno differ in what they do with a body that wasn't read to its end. Before 2.8.3
 * they close the connection with the answer: a client that is still sending may find it broken and
 * never see the answer. From 2.8.3 on, Deno itself reads the rest after the answer, as long as it
 * comes. Then we must not read it: a read that is pending when the answer is sent leaks (65 KB each
 * time, still in 2.9.5).
 */
export function restTimes(denoVersion: string): RestTimes | null {
  return denoVersion.localeCompare("2.8.3", "en", { numeric: true }) < 0 ? REST : null;
}

/**
 * Lets `take` read the body to its end. Its reads fail with RequestRefused, with the signal's
 * reason, or with the error that broke off the body. If `take` fails for another reason, this reads
 * and discards the rest before it throws that failure.
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
    // Not awaited: the body is given up, whatever comes of that.
    reader.cancel(error).catch(() => {/* it has failed already */});
    throw error;
  }
}

async function next(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal,
  patience: number,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  // Checked here, because data that has already come would win against an earlier abort.
  signal.throwIfAborted();
  const givenUp = Promise.withResolvers<never>();
  const abort = () => givenUp.reject(signal.reason);
  const timer = setTimeout(() => {
    givenUp.reject(
      new RequestRefused(408, "timeout", `No data arrived for ${patience / 1000} seconds.`),
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

/** Until the body ends, breaks off or pauses, time is up, or the server closes. Never fails. */
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
    // The client has stopped sending, or the server closes. The answer says why it was refused.
  }
}

export function tooLarge(maxFile: number): RequestRefused {
  return new RequestRefused(
    413,
    "too_large",
    `The file is larger than the ${maxFile} bytes that are allowed.`,
  );
}

/** Turns a failure to receive a body into one for the client; `what` if it was broken off. */
export function receivingFailure(error: unknown, signal: AbortSignal, what: string): unknown {
  const isMeant = error instanceof RequestRefused || (signal.aborted && error === signal.reason) ||
    (error instanceof Error && ["TooLarge", "StorageError"].includes(error.name));
  if (isMeant) return error;
  return Object.assign(new RequestRefused(400, "malformed", what), { cause: error });
}
