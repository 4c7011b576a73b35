/** Watches the folders of importers while the process does something else. */
import type { DatabaseConfig } from "../config/database_config.ts";
import { reasonOf } from "../db/connection_errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { requireRun } from "../ledger/runs/runs.ts";
import type { LogEntry } from "../observe/log_entry.ts";
import { bucketFolder, type Settings, spoolFolder } from "./settings.ts";

export interface Watching {
  readonly config: DatabaseConfig;
  readonly settings: Settings;
  /** Where relative paths of definitions begin. */
  readonly base: string;
  /** Milliseconds that a look in progress gets to end. */
  readonly graceMs: number;
  log(entry: LogEntry): void;
}

/** Bytes, unless the definition says it. */
const MAX_DOWNLOAD = 10 * 1000 ** 3;

/** Ends when `work` does. */
export async function besideWatching(
  { config, settings, base, graceMs, log }: Watching,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  // Only these commands need it.
  const { watchFolders } = await import("../run/watch/watch.ts");
  const end = new AbortController();
  const stop = AbortSignal.any([signal, end.signal]);
  const watching = watchFolders({
    ...{ config, base, graceMs, log },
    schemaName: settings.schema,
    importersFolder: settings.importers,
    signal: stop,
    remote: {
      ...{ allowedHosts: settings.allowedHosts, variable: settings.variable },
      ...{ maxBytes: MAX_DOWNLOAD, signal: stop },
    },
    storageFolder: (ledger) => spoolFolder(settings.home, ledger),
    ...settings.storage !== null && {
      bucketFolder: (ledger: Ledger) => bucketFolder(settings.storage, ledger),
    },
    exportFailed,
  }).catch((error) => {
    log({ level: "error", message: `Folders are not watched any more: ${reasonOf(error)}` });
  });
  try {
    await work();
  } finally {
    end.abort();
    await watching;
  }
}

async function exportFailed(ledger: Ledger, id: number, path: string): Promise<boolean> {
  const run = await requireRun(ledger, id);
  if (run.definition.options.log_rows === "none") return false;
  const [{ BYTE_ORDER_MARK, writeFailedRows }, { writeExport }] = await Promise.all([
    import("../report/failed_rows_csv.ts"),
    import("./export_file.ts"),
  ]);
  let written = 0;
  await writeExport(path, { overwrite: true }, async (file) => {
    written = await writeFailedRows(
      ledger,
      run,
      (text, rows) => file.write(rows === 0 ? BYTE_ORDER_MARK + text : text),
    );
    return written > 0;
  });
  return written > 0;
}
