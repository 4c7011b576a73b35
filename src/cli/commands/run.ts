/** `run`: imports a file, from its name to the end of the run. */
import type { Definition } from "../../importer/definition.ts";
import { UsageError } from "../../config/usage_error.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { runReport } from "../../report/run_report.ts";
import { createRunFor } from "../../run/request/create.ts";
import { LoadedBefore } from "../../run/request/once.ts";
import { isElsewhere } from "../../run/request/remote/asked_address.ts";
import { isQuick } from "../../run/work/is_quick.ts";
import { areFew, guessBatches } from "../../run/work/threads.ts";
import { Turns } from "../../run/work/turns.ts";
import { announceTarget, type Database, withDatabase } from "../connect.ts";
import { sizeOf } from "../begin_threads.ts";
import { driveHere, type LoadFlags, openPool } from "../drive_here.ts";
import { EXIT } from "../exit_codes.ts";
import type { DatabaseFlags, ImporterFlags } from "../flags.ts";
import type { Output } from "../output.ts";
import { applyOverrides, type OverrideFlags } from "../overrides.ts";
import { bucketFolder, type Settings, spoolFolder } from "../settings.ts";
import { refuseUnknownSchemes } from "../choose_files.ts";
import { remoteAccess } from "../remote_access.ts";
import { onStopSignals } from "../signals.ts";
import { type AdHocFlags, chooseDefinition } from "../choose_definition.ts";

export interface RunFlags
  extends DatabaseFlags, ImporterFlags, LoadFlags, OverrideFlags, AdHocFlags {
  readonly file?: readonly string[];
  readonly detach?: boolean;
  readonly dryRun?: boolean;
  readonly once?: boolean;
  /** Makes the table for the file. */
  readonly create?: boolean;
  readonly yes?: boolean;
}

export async function runCommand(
  importer: string | null,
  flags: RunFlags,
  settings: Settings,
  output: Output,
): Promise<number> {
  if (flags.yes && !flags.create) throw new UsageError("--yes answers what --create asks");
  const chosen = await chooseDefinition(importer, flags, settings);
  const written = applyOverrides(chosen.definition, flags);
  const files = chooseFile(written, flags.file);
  const isStdin = files[0] === "-";
  return await withDatabase(settings, output, { migrate: true }, async (database) => {
    const made = flags.create
      ? await (await import("./run_create.ts")).makeTable(database, written, files, flags, output)
      : null;
    if (typeof made === "number") return made;
    const definition = made?.definition ?? written;
    if (isStdin && made === null && Deno.stdin.isTerminal() && flags.quiet !== true) {
      output.note("Reading rows from the terminal. End them with Ctrl-D.");
    }
    const size = sizeOf(files);
    const batches = guessBatches(size ?? 0);
    const here = size !== null && isQuick(definition);
    const turns = here && areFew(batches) ? new Turns() : undefined;
    using pool = flags.detach ? null : openPool(database, { batches, here, turns });
    const stop = new AbortController();
    // What has come of it is removed. Files of this machine are not fetched.
    const signals = files.some(isElsewhere)
      ? onStopSignals({ first: () => stop.abort(), again: () => Deno.exit(130) })
      : null;
    const created = await createRunFor(database.again, {
      definition,
      origin: chosen.origin,
      file: made?.file ?? (isStdin ? Deno.stdin.readable : files),
      user: settings.user,
      spoolFolder: await spoolFolder(settings.home, database.ledger),
      storage: () => bucketFolder(settings.storage, database.ledger),
      detach: flags.detach === true,
      dryRun: flags.dryRun === true,
      once: flags.once,
      remote: remoteAccess(settings, stop.signal),
    }).catch(async (error) => {
      await made?.takeBack(error);
      if (error instanceof LoadedBefore) return error;
      if (error === stop.signal.reason) return null;
      throw error;
    }).finally(() => signals?.[Symbol.dispose]());
    if (created === null) {
      if (!flags.quiet) output.note("Stopped before the file was fetched: there is no run.");
      return EXIT.cancelled;
    }
    if (created instanceof LoadedBefore) return await skip(database, created, flags, output);
    const { run, table } = created;
    return pool === null
      ? await leave(database, run, flags, output)
      : await driveHere(database, run, flags, output, { pool, table, turns });
  });
}

/** Says which run has loaded the file. */
async function skip(
  database: Database,
  { message, run }: LoadedBefore,
  flags: { readonly quiet?: boolean; readonly json?: boolean },
  output: Output,
): Promise<number> {
  if (flags.json) {
    output.json({ data: await database.again((ledger) => runReport(ledger, run, { rows: 0 })) });
  }
  if (!flags.quiet) output.note(message);
  return EXIT.done;
}

/** Names, patterns and folders; or `-` alone. */
function chooseFile(
  { source }: Definition,
  given: readonly string[] | undefined,
): readonly string[] {
  if (given === undefined && source.type === "folder") {
    throw new UsageError(
      `The files of ${source.path} are taken by ingest serve and ingest work. ` +
        "To load one of them here, name it: --file data.csv",
    );
  }
  const files = given ?? [source.url ?? source.path ?? []].flat();
  if (files.length === 0 || files.includes("")) {
    throw new UsageError(
      "No file given: use --file data.csv, or --file - for standard input",
    );
  }
  refuseUnknownSchemes(files);
  if (files.length > 1 && files.includes("-")) {
    throw new UsageError("--file - is standard input: leave the other files out");
  }
  return files;
}

export async function leave(
  database: Database,
  run: Run,
  flags: { readonly quiet?: boolean; readonly json?: boolean },
  output: Output,
): Promise<number> {
  if (!flags.quiet) announceTarget(database, run, output);
  if (flags.json) {
    output.json({ data: await database.again((ledger) => runReport(ledger, run.id, { rows: 0 })) });
  } else {
    output.print(String(run.id));
    if (!flags.quiet) {
      output.note(
        "Waiting for a worker. If neither ingest work nor serve is running, run it here: " +
          `ingest resume ${run.id}`,
      );
    }
  }
  return EXIT.done;
}
