/**
 * `COPY … FROM STDIN` over postgres.js, without its two faults: a failed COPY hangs for ever
 * (its stream is forgotten before the server has answered), and an error that comes together
 * with the server's go-ahead is thrown by a stream that nobody listens to yet.
 *
 * For both, the query's own `resolve` and `reject` are replaced before it is sent. They are
 * internals of the pinned version: `tests/db/copy_test.ts` fails if they change.
 */
import { Writable } from "node:stream";
import type postgres from "postgres";

interface QueryInternals {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  execute(): unknown;
}

/** The number of rows that the server counted, or what the chunks threw. */
export type CopyResult = { readonly count: number } | { readonly thrown: unknown };

/**
 * Sends the chunks. When the server refuses them, rejects with its error as soon as that
 * arrives; when `chunks` throws, the COPY is aborted. Either way the connection is usable
 * afterwards.
 */
export async function copyIn(
  sql: postgres.Sql,
  statement: string,
  chunks: Iterable<Uint8Array>,
): Promise<CopyResult> {
  const query: unknown = sql.unsafe(statement);
  if (!hasInternals(query)) throw new Error("this version of postgres.js has other internals");

  let stream: Writable | null = null;
  let started: (stream: Writable | null) => void;
  const start = new Promise<Writable | null>((resolve) => started = resolve);
  const finished = new Promise<number>((resolve, reject) => {
    query.resolve = (value) => {
      if (value instanceof Writable) {
        stream = value;
        // What went wrong comes through `reject`, or as the loss of the connection.
        stream.on("error", () => {});
        started(stream);
      } else {
        started(null);
        resolve(countOf(value));
      }
    };
    query.reject = (error) => {
      stream?.destroy();
      started(null);
      reject(error);
    };
  });
  // It may reject while nobody waits for it yet.
  finished.catch(() => {});

  query.execute();
  const writable = await start;
  if (writable === null) return { count: await finished };
  try {
    await send(writable, chunks, finished);
  } catch (error) {
    // The server answers the abort with an error of its own, which says less.
    writable.destroy(error instanceof Error ? error : new Error(String(error)));
    await finished.catch(() => {});
    return { thrown: error };
  }
  return { count: await finished };
}

/**
 * postgres.js copies what it is given, and so does the socket: copies of a megabyte leave holes of
 * every size in the allocator's memory.
 */
const SLICE_BYTES = 256 * 1024;

async function send(
  stream: Writable,
  chunks: Iterable<Uint8Array>,
  finished: Promise<unknown>,
): Promise<void> {
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      if (stream.destroyed) return;
      const more = stream.write(chunk.subarray(start, start + SLICE_BYTES));
      // `finished` ends the wait when the server refuses the rows; it is looked at by the caller.
      if (!more) await Promise.race([drained(stream), finished.catch(() => {})]);
    }
  }
  stream.end();
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}

function countOf(result: unknown): number {
  if (typeof result === "object" && result !== null && "count" in result) {
    if (typeof result.count === "number") return result.count;
  }
  throw new Error("the server did not count the rows of a COPY");
}

function hasInternals(query: unknown): query is QueryInternals {
  return typeof query === "object" && query !== null &&
    "resolve" in query && typeof query.resolve === "function" &&
    "reject" in query && typeof query.reject === "function" &&
    "execute" in query && typeof query.execute === "function";
}
