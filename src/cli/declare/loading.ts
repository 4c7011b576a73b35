/** `run`, `resume`, `cancel`, `wait`, `work`: the commands that start, continue and stop runs. */
import { type Command, Option } from "commander";
import {
  parseCount,
  parseDuration,
  parseFiles,
  parseMapping,
  parseRetention,
  parseRunId,
  parseSet,
} from "../arguments.ts";
import type { CancelFlags } from "../commands/cancel.ts";
import type { ReleaseFlags } from "../commands/release.ts";
import type { ResumeFlags } from "../commands/resume.ts";
import type { RunFlags } from "../commands/run.ts";
import type { WaitFlags } from "../commands/wait.ts";
import type { WorkFlags } from "../commands/work.ts";
import {
  withAllowHostFlag,
  withCommonFlags,
  withDatabaseFlags,
  withImportersFlag,
  withWorkersFlag,
} from "../flags.ts";
import { beginThreads } from "../begin_threads.ts";
import { readSettings } from "../settings.ts";
import type { Declaration } from "./declaration.ts";
import { withAdHocFlags, withSourceFlags } from "./source_flags.ts";

export function declareLoadingCommands({ program, output, finish }: Declaration): void {
  const run = program.command("run")
    .summary("load a file into a table")
    .description(
      "Starts a run and loads the file here. The importer is a definition in the importers " +
        "folder. Without one, --table names the table, and the file's columns are matched to " +
        "the table's columns by name.",
    )
    .argument("[importer]", "the slug of a definition")
    .addOption(
      new Option(
        "-f, --file <path>",
        "the file to load, or its address (https://…); - reads standard input; a folder, a pattern in quotes, or the option " +
          "repeated: several files, in the order of their names",
      ).argParser(parseFiles),
    );
  withAdHocFlags(run)
    .option("--create", "with --table: make the table for the file, after showing it")
    .option("--yes", "with --create: don't ask");
  withSourceFlags(run);
  run
    .addOption(
      new Option(
        "--map <file column=column>",
        "where a column of the table comes from, instead of the definition or its name; may be repeated",
      ).argParser(parseMapping),
    )
    .addOption(
      new Option(
        "--set <key=value>",
        "another value for a key of the definition, such as options.batch_rows=100; may be repeated",
      ).argParser(parseSet),
    )
    .option(
      "--limit <n>",
      "load only the first rows of the file",
      parseCount(1, Number.MAX_SAFE_INTEGER),
    )
    .option("--dry-run", "do everything, in the database too, then roll it back")
    .option("--once", "do nothing if the importer has loaded the same bytes before")
    .option("--no-once", "load the file in any case, whatever options.once says")
    .option("--detach", "leave the run to `ingest work` and print its id");
  withLoadFlags(run);
  withAllowHostFlag(run);
  withImportersFlag(run);
  withDatabaseFlags(run);
  withCommonFlags(
    run,
    "ingest run customers --file customers.csv",
    "ingest run customers --file customers.csv --dry-run",
    "ingest run customers --file 'incoming/*.csv'",
    'ingest run customers --file customers.csv --map "E-Mail address=email" --limit 100',
    "ingest run customers --file customers.csv --set on_duplicate=update --set columns.source.value=crm",
    "ingest run --table customers --key email --on-duplicate update --file customers.csv",
    "ingest run --table customers --create --file customers.csv",
    "ingest run customers --file https://example.com/customers.csv",
    "zcat customers.csv.gz | ingest run customers --file -",
  ).action(async (importer: string | undefined, flags: RunFlags) => {
    const settings = readSettings(flags);
    using _threads = beginThreads(settings, flags);
    const { runCommand } = await import("../commands/run.ts");
    finish(await runCommand(importer ?? null, flags, settings, output));
  });

  const resume = program.command("resume")
    .summary("continue a cancelled, failed or stalled run")
    .description("Continues a cancelled, failed or stalled run. Loaded rows stay loaded.")
    .argument("<run>", "the number of the run", parseRunId)
    .option("--detach", "leave the run to `ingest work`");
  withLoadFlags(resume);
  withDatabaseFlags(resume);
  withCommonFlags(resume, "ingest resume 12", "ingest resume 12 --max-errors 5000")
    .action(async (id: number, flags: ResumeFlags) => {
      const settings = readSettings(flags);
      using _threads = beginThreads(settings, flags);
      const { resumeCommand } = await import("../commands/resume.ts");
      finish(await resumeCommand(id, flags, settings, output));
    });

  const release = program.command("release")
    .summary("let a held run load its rows")
    .description(
      "Lets a run that is held (options.release, options.hold_if) load its rows. `ingest cancel` " +
        "ends it instead. `ingest status` shows why it is held, and what it would do.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option("--detach", "leave the run to `ingest work`")
    .option("--allow-errors", "exit 0 even if some rows failed")
    .option("-q, --quiet", "print no progress and no summary");
  withWorkersFlag(release);
  withDatabaseFlags(release);
  withCommonFlags(release, "ingest release 12")
    .action(async (id: number, flags: ReleaseFlags) => {
      const settings = readSettings(flags);
      const { releaseCommand } = await import("../commands/release.ts");
      finish(await releaseCommand(id, flags, settings, output));
    });

  const cancel = program.command("cancel")
    .summary("cancel a run")
    .description(
      "Cancels a run: it finishes the batches in progress and begins no new ones. Loaded rows stay, " +
        "and the run can be resumed. Shows how many rows were committed, and how many were never " +
        "tried.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option("--now", "roll back batches in progress instead of finishing them, in any process")
    .option("--wait", "return only when it is cancelled, however long that takes");
  withDatabaseFlags(cancel);
  withCommonFlags(cancel, "ingest cancel 12", "ingest cancel 12 --now")
    .action(async (id: number, flags: CancelFlags) => {
      const { cancelCommand } = await import("../commands/cancel.ts");
      finish(await cancelCommand(id, flags, output));
    });

  const wait = program.command("wait")
    .summary("wait until a run ends")
    .description("Returns when the run ends, with the run's exit code.")
    .argument("<run>", "the number of the run", parseRunId)
    .option("--timeout <duration>", "give up (exit 1) after 30s, 5m, 2h …", parseDuration)
    .option("--allow-errors", "exit 0 even if some rows failed")
    .option("-q, --quiet", "print nothing");
  withDatabaseFlags(wait);
  withCommonFlags(wait, "ingest wait 12 --timeout 10m")
    .action(async (id: number, flags: WaitFlags) => {
      const { waitCommand } = await import("../commands/wait.ts");
      finish(await waitCommand(id, flags, output));
    });

  const work = program.command("work")
    .summary("load batches of all runs until stopped")
    .description(
      "Works on the runs of the database until it gets a signal, takes the files of watched " +
        "folders, and loads sources that are due. Start as many as you like, on as many machines.",
    )
    .option(
      "--grace <duration>",
      "on a signal: time to finish the batches in progress",
      parseDuration,
    )
    .option(
      "--wait <duration>",
      "how long to wait for a database that isn't there yet (60s)",
      parseDuration,
    )
    .addOption(
      new Option(
        "--retention <ages>",
        "how long importers that don't say it keep things: failed_rows=90d,runs=1y; or off",
      ).argParser(parseRetention),
    )
    .option("-q, --quiet", "print nothing");
  withWorkersFlag(work);
  withImportersFlag(work);
  withDatabaseFlags(work);
  withCommonFlags(work, "ingest work --workers 4 --grace 30s").action(async (flags: WorkFlags) => {
    const { workCommand } = await import("../commands/work.ts");
    finish(await workCommand(flags, output));
  });
}

export function withLoadFlags(command: Command): void {
  withWorkersFlag(command);
  command
    .option("--max-errors <limit>", "fail the run after this many failed rows, or 10%")
    .option("--allow-errors", "exit 0 even if some rows failed")
    .option("-q, --quiet", "print no progress and no summary");
}
