/**
 * `COPY … FROM STDIN` over postgres.js, without three of its bugs. A failed COPY hangs forever,
 * because postgres.js drops the stream before the server has answered. An error that arrives together
 * with the server's go-ahead is thrown by a stream that has no listener yet. And a COPY that is done
 * is aborted a moment later, which fails the next one if its statement was sent meanwhile.
 *
 * To avoid the first two, we replace the query's own `resolve` and `reject` before it is sent. They are
 * internals of the pinned version: `tests/db/copy_in_test.ts` fails if they change.
 */
import { Writable } from "node:stream";
import type { Connection } from "./connection.ts";
import { copyQuery } from "./copy_query.ts";

/** The number of rows that the server counted, or what iterating over the chunks threw. */
export type CopyResult = { readonly count: number } | { readonly thrown: unknown };

/**
 * Sends the chunks. If the server refuses them, rejects with its error as soon as that arrives. If
 * `chunks` throws, aborts the COPY. The connection stays usable either way.
 */
export async function copyIn(
  connection: Connection,
  statement: string,
  chunks: Iterable<Uint8Array>,
): Promise<CopyResult> {
  const query = copyQuery(connection.sql, statement);
  let stream: Writable | null = null;
  let started: (stream: Writable | null) => void;
  const start = new Promise<Writable | null>((resolve) => started = resolve);
  const finished = new Promise<number>((resolve, reject) => {
    query.resolve = (value) => {
      if (value instanceof Writable) {
        stream = value;
        // Errors arrive through `reject`, or as a lost connection.
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
  // It may reject before anything awaits it.
  finished.catch(() => {});

  query.execute();
  const writable = await start;
  if (writable === null) return { count: await finished };
  try {
    await send(connection, writable, chunks);
    if (!writable.destroyed) {
      // When it has ended, it destroys itself. postgres.js would then send an abort.
      writable._destroy = (_error, done) => done(null);
      writable.end();
    }
  } catch (error) {
    // The server answers the abort with its own error, which says less.
    writable.destroy(error instanceof Error ? error : new Error(String(error)));
    await finished.catch(() => {});
    return { thrown: error };
  }
  return { count: await finished };
}

/**
 * Small enough to notice early that the server refuses the rows, and to show the watchdog progress.
 */
const SLICE_BYTES = 256 * 1024;
const LETTER_D = 100;

/**
 * Sends CopyData messages directly, because postgres.js would copy each slice. `stream` is its end
 * of the COPY; it is destroyed once the server has refused the rows.
 */
async function send(
  connection: Connection,
  stream: Writable,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      const slice = chunk.subarray(start, start + SLICE_BYTES);
      const head = new DataView(new ArrayBuffer(5));
      head.setUint8(0, LETTER_D);
      head.setInt32(1, 4 + slice.length);
      if (stream.destroyed) return;
      // `reject` reports the reason.
      if (!await connection.wire.send([new Uint8Array(head.buffer), slice])) return;
    }
  }
}

function countOf(result: unknown): number {
  if (typeof result === "object" && result !== null && "count" in result) {
    if (typeof result.count === "number") return result.count;
  }
  throw new Error("the server did not count the rows of a COPY");
}
