/** `retry`: tries the failed rows of a run again, as a new run. */
import type { Definition } from "../../importer/definition.ts";
import { UnknownImporter } from "../../importer/definition_errors.ts";
import { readProgress } from "../../ledger/runs/progress.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { createRetry } from "../../run/request/retry/retry.ts";
import type { ChosenDefinition } from "../../run/request/retry/retry_request.ts";
import { chooseRetryDefinition } from "../../run/request/retry/retry_definition.ts";
import { asksNothing } from "../../run/request/choose_errors.ts";
import { isQuick } from "../../run/work/is_quick.ts";
import { areFew } from "../../run/work/threads.ts";
import { Turns } from "../../run/work/turns.ts";
import { type Database, withDatabase } from "../connect.ts";
import { driveHere, type LoadFlags, openPool } from "../drive_here.ts";
import { UsageError } from "../../config/usage_error.ts";
import { type ErrorFlags, errorsAsked } from "../error_flags.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { readMaxErrorsFlag } from "../overrides.ts";
import { type Settings, spoolFolder } from "../settings.ts";
import { leave } from "./run.ts";

export interface RetryFlags extends DatabaseFlags, ImporterFlags, LoadFlags, ErrorFlags {
  readonly file?: string;
  /** Undefined: the same as the original run. */
  readonly dryRun?: boolean;
  readonly originalDefinition?: boolean;
  readonly maxErrors?: string;
  readonly detach?: boolean;
  readonly acceptChanges?: boolean;
  readonly corrected?: boolean;
}

export async function retryCommand(
  id: number,
  flags: RetryFlags,
  settings: Settings,
  output: Output,
): Promise<number> {
  const maxErrors = readMaxErrorsFlag(flags.maxErrors);
  const only = errorsAsked(flags);
  if (flags.file !== undefined && !asksNothing(only)) {
    throw new UsageError(
      "--file names the rows to try: leave out --group, --code and --column, " +
        "or remove the other rows from the file",
    );
  }
  if (flags.file !== undefined && flags.corrected) {
    throw new UsageError("--file names the rows to try: leave out --corrected");
  }
  return await withDatabase(settings, output, { migrate: true }, async (database) => {
    const run = await requireRun(database.ledger, id);
    const choosing = choose(run, flags, settings);
    // Whether it can be chosen matters only if there is something to retry.
    const here = await choosing.then(({ definition }) => isQuick(definition), () => false);
    const batches = await guessRetried(database, run);
    const turns = here && areFew(batches) ? new Turns() : undefined;
    using pool = flags.detach ? null : openPool(database, { batches, here, turns });
    const retry = await createRetry(database.ledger, {
      run,
      chooseDefinition: async () => {
        const chosen = await choosing;
        return maxErrors === undefined
          ? chosen
          : { ...chosen, definition: withMaxErrors(chosen.definition, maxErrors) };
      },
      user: settings.user,
      dryRun: flags.dryRun ?? run.dry_run,
      file: flags.file === undefined ? null : { path: flags.file, name: flags.file },
      only,
      onlyCorrected: flags.corrected === true,
      acceptChanges: flags.acceptChanges === true,
      spoolFolder: await spoolFolder(settings.home, database.ledger),
    });
    if (!retry.made) {
      if (flags.json) output.json({ data: null, message: retry.because });
      output.note(`ingest: ${retry.because}`);
      return EXIT.done;
    }
    for (const note of retry.notes) output.note(`ingest: ${note}`);
    return pool === null
      ? await leave(database, retry.run, flags, output)
      : await driveHere(database, retry.run, flags, output, { pool, table: retry.table, turns });
  });
}

/** How many batches the run's failed rows fill, if none has been fixed. */
async function guessRetried({ ledger }: Database, run: Run): Promise<number> {
  const { failed } = await readProgress(ledger, run.id);
  return Math.ceil(failed / run.definition.options.batch_rows);
}

async function choose(
  run: Run,
  flags: RetryFlags,
  { importers, schema }: Settings,
): Promise<ChosenDefinition> {
  try {
    return await chooseRetryDefinition(run, importers, schema, flags.originalDefinition === true);
  } catch (error) {
    if (error instanceof UnknownImporter) {
      error.message += `; or use the definition that run ${run.id} had: ` +
        `ingest retry ${run.id} --original-definition`;
    }
    throw error;
  }
}

function withMaxErrors(
  definition: Definition,
  max_errors: Definition["options"]["max_errors"],
): Definition {
  return { ...definition, options: { ...definition.options, max_errors } };
}
