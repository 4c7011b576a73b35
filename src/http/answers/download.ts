/** The failed rows of a run as a stream, at the pace of its reader. */
import type { Run } from "../../ledger/runs/runs.ts";
import { type ExportOptions, writeFailedRowsAs } from "../../report/write_failed_rows.ts";
import type { ServerContext } from "../server_context.ts";

/** How long the reader may take for a piece, in milliseconds: a database connection is held meanwhile. */
const PATIENCE = 20_000;

/** Null: there are none. A later failure aborts the stream. */
export async function downloadFailedRows(
  server: Pick<ServerContext, "withDownload">,
  run: Run,
  options: ExportOptions,
  patience = PATIENCE,
): Promise<ReadableStream<Uint8Array> | null> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const began = Promise.withResolvers<boolean>();
  const written = server.withDownload(async (ledger) => {
    await writeFailedRowsAs(ledger, run, async (bytes) => {
      began.resolve(true);
      await patiently(writer.write(bytes), patience);
    }, options);
  });
  written.then(
    () => {
      began.resolve(false);
      return writer.close();
    },
    (error) => {
      began.reject(error);
      return writer.abort(error);
    },
    // The reader has gone: there is nobody to tell.
  ).catch(() => {});
  if (await began.promise) return readable;
  await readable.cancel();
  return null;
}

async function patiently(writing: Promise<void>, patience: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`nobody read for ${patience / 1000} seconds`));
  }, patience);
  try {
    await Promise.race([writing, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
