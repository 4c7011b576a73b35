/** `check --against`: what a changed definition does to the files that were loaded before. */
import { UsageError } from "../../config/usage_error.ts";
import { withMapping } from "../../importer/column_mapping.ts";
import type { Importer } from "../../importer/folder.ts";
import { findImporter } from "../../importer/folder.ts";
import { overriddenAs } from "../../importer/overridden.ts";
import { telling } from "../../importer/set/telling.ts";
import { compareFailures, type FailureComparison } from "../../ledger/groups/compare_failures.ts";
import { listRuns } from "../../ledger/runs/list_runs.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { cancelRun } from "../../run/request/cancel.ts";
import { deleteRun } from "../../run/request/delete.ts";
import { Refused } from "../../run/request/refuse/refused.ts";
import { createReplay } from "../../run/request/replay.ts";
import { driveRun } from "../../run/work/drive.ts";
import { type Database, withDatabase } from "../connect.ts";
import { toFailure } from "../describe_failure.ts";
import { EXIT } from "../exit_codes.ts";
import type { Output } from "../output.ts";
import { printable } from "../render/terminal_text.ts";
import { readSettings } from "../settings.ts";
import { onStopSignals } from "../signals.ts";
import { type CheckFlags, OF_A_FILE } from "./check.ts";

/** Runs that are looked through for those with a file. */
const MOST_RUNS = 200;

interface Replayed {
  readonly run: number;
  readonly file: string | null;
  /** Null: it could not be replayed, and why. */
  readonly found: FailureComparison | null;
  readonly problem: string | null;
}

export async function checkAgainstCommand(
  slug: string | null,
  flags: CheckFlags & { readonly against: number },
  output: Output,
): Promise<number> {
  if (slug === null) {
    throw new UsageError("--against needs an importer: ingest check customers --against 5");
  }
  if (flags.file !== undefined) {
    throw new UsageError("--against looks at the files of earlier runs: leave --file out");
  }
  const other = OF_A_FILE.find(([flag]) => flags[flag] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--against reads the files as their runs did: leave ${other[1]} out`);
  }
  const settings = readSettings(flags);
  const importer = await findImporter(settings.importers, slug, { ownSchema: settings.schema });
  return await withDatabase(settings, output, { migrate: true }, async (database) => {
    const runs = await earlierRuns(database, slug, flags.against);
    const stop = new AbortController();
    using _signals = onStopSignals({ first: () => stop.abort(), again: () => Deno.exit(130) });
    const replayed: Replayed[] = [];
    for (const run of runs) {
      if (stop.signal.aborted) break;
      if (!flags.json) {
        output.note(`Trying run ${run.id} again: ${run.original_filename ?? "its file"}`);
      }
      replayed.push(await replay(database, importer, run, stop.signal));
    }
    if (stop.signal.aborted) return EXIT.cancelled;
    return report(replayed, flags, output);
  });
}

/** The latest ones that have loaded a file, and whose failed rows are all known. */
async function earlierRuns(
  { ledger }: Database,
  importer: string,
  wanted: number,
): Promise<readonly Run[]> {
  const filter = { status: null, importer, family: "roots" as const, limit: MOST_RUNS };
  const found = (await listRuns(ledger, filter)).filter(({ run, unlogged }) =>
    run.kind === "import" && !run.dry_run && unlogged === 0 && run.rows_removed_at === null &&
    run.definition.options.log_rows !== "none" &&
    (run.status === "completed" || run.status === "completed_with_errors")
  );
  if (found.length === 0) {
    throw new Refused(`There is no finished run of ${importer} to compare with.`);
  }
  return found.slice(0, wanted).map(({ run }) => run);
}

async function replay(
  { ledger, config, settings }: Database,
  importer: Importer,
  earlier: Run,
  stop: AbortSignal,
): Promise<Replayed> {
  const about = { run: earlier.id, file: earlier.original_filename };
  try {
    const { set } = earlier.definition;
    const now = set === undefined
      ? importer
      : await findImporter(settings.importers, earlier.importer, {
        ownSchema: settings.schema,
        ...await telling(set, `run ${earlier.id}`),
      });
    const told = overriddenAs(now.definition, earlier.definition);
    const definition = withMapping(told, earlier.definition.mapping);
    const { run } = await createReplay(ledger, earlier, definition, now, settings.user);
    try {
      const { schema: schemaName, workers, user } = settings;
      const ended = await driveRun({
        ...{ config, schemaName, runId: run.id, workers, ledger },
        cancel: {
          asked: stop,
          request: async (ledger) => void await cancelRun(ledger, run.id, user, { via: "signal" }),
        },
      });
      if (ended.error !== null) return { ...about, found: null, problem: ended.error.message };
      return { ...about, found: await compareFailures(ledger, earlier.id, run.id), problem: null };
    } finally {
      await deleteRun(ledger, run.id);
    }
  } catch (error) {
    const { code, message } = toFailure(error);
    if (code === "internal" || code.startsWith("database")) throw error;
    return { ...about, found: null, problem: message };
  }
}

function report(replayed: readonly Replayed[], flags: CheckFlags, output: Output): number {
  const sum = (count: (found: FailureComparison) => number) =>
    replayed.reduce((total, { found }) => total + (found === null ? 0 : count(found)), 0);
  const [fixed, broken] = [sum((found) => found.fixed), sum((found) => found.broken)];
  const isWorse = broken > 0 || replayed.some(({ problem }) => problem !== null);
  if (flags.json) output.json({ data: { fixed, broken, runs: replayed } });
  else {
    for (const { run, file, found, problem } of replayed) {
      const name = `run ${run}${file === null ? "" : ` (${file})`}`;
      output.print(
        printable(`${name}: ${found === null ? `not tried: ${problem}` : counts(found)}`),
      );
      for (const { line, errors } of found?.examples ?? []) {
        const messages = Object.values(errors.validation).flat();
        const why = messages.length === 0 ? errors.message : messages.join(" ");
        output.print(`    breaks ${printable(`line ${line}: ${why}`)}`);
      }
    }
    output.print(`In all: ${counts({ fixed, broken, duplicates: 0 })}`);
  }
  return isWorse ? EXIT.failed : EXIT.done;
}

function counts(
  { fixed, broken, duplicates }: Pick<FailureComparison, "fixed" | "broken" | "duplicates">,
): string {
  const rows = (count: number) =>
    `${count.toLocaleString("en-US")} ${count === 1 ? "row" : "rows"}`;
  const there = duplicates === 0 ? "" : `; ${rows(duplicates)} would fail because they are loaded`;
  return `fixes ${rows(fixed)}, breaks ${broken.toLocaleString("en-US")}${there}`;
}
