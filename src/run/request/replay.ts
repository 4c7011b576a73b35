/** A dry run over the file of an earlier run, with a definition that was changed since. */
import type { Definition } from "../../importer/definition.ts";
import type { Origin } from "../../importer/problem.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { createRun } from "../../ledger/runs/create_run.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { assertUnchanged } from "../../source/unchanged.ts";
import { fitTogether, routesIn } from "../fit.ts";
import { describeTable } from "../prepare.ts";
import { settingsFor } from "../user_settings.ts";
import { withHooks } from "../hooks/choose_hooks.ts";
import { Refused } from "./refuse/refused.ts";
import { Rereading } from "./reread_rows.ts";

export interface Replay {
  readonly run: Run;
  /** What the definition says and the file's rows can't follow. */
  readonly warnings: readonly string[];
}

/**
 * The file stays the earlier run's. Throws Refused, SourceError if the file is not as it was, and
 * what keeps the definition from being used with it.
 */
export async function createReplay(
  ledger: Ledger,
  earlier: Run,
  written: Definition,
  origin: Origin | undefined,
  user: string | null,
): Promise<Replay> {
  const definition = await withHooks(written, origin);
  const { source, header } = earlier;
  if (source.files !== undefined) throw new Refused("it has read several files");
  if (source.host !== null && source.host !== Deno.hostname()) {
    throw new Refused(`its file is on ${source.host}`);
  }
  await assertUnchanged(source);
  const { format, warnings } = new Rereading(earlier, definition.source);
  const settings = await settingsFor(ledger.session, definition, origin, earlier.settings);
  const reread = { ...source, format };
  const shape = { id: 0, definition, header, user_id: user, settings, source: reread };
  const fitted = await fitTogether(ledger.session, shape, ledger.schemaName, origin);
  const run = await createRun(ledger, {
    definition: {
      ...definition,
      options: {
        ...definition.options,
        // All that fails has to be seen.
        ...{ log_rows: "failed", max_errors: null, max_failed_rows_logged: null },
        // And nobody has to release what is not loaded.
        ...{ transaction: "batch", release: undefined, hold_if: undefined },
      },
    },
    source: reread,
    originalFilename: earlier.original_filename ?? "",
    spooledPath: null,
    checksum: null,
    fingerprint: null,
    user,
    dryRun: true,
    settings,
    table: describeTable(fitted.table, routesIn(fitted)),
    retryOf: null,
  });
  return { run, warnings };
}
