/** `status`, `errors`, `rows`, `runs`, `list`, `check`, `version`: the commands that only read. */
import { Option } from "commander";
import { RUN_STATUSES } from "../../ledger/runs/statuses.ts";
import { EXPORT_FORMS } from "../../report/export_forms.ts";
import { ROW_STATUSES } from "../../row/outcome.ts";
import { parseCount, parseFiles, parseNumbers, parseRunId, parseWord } from "../arguments.ts";
import type { CheckFlags } from "../commands/check.ts";
import type { ErrorsFlags } from "../commands/errors.ts";
import type { ListFlags } from "../commands/list.ts";
import type { RowsFlags } from "../commands/rows.ts";
import type { RunsFlags } from "../commands/runs.ts";
import type { StatusFlags } from "../commands/status.ts";
import { withErrorFlags } from "../error_flags.ts";
import {
  type CommonFlags,
  withAllowHostFlag,
  withCommonFlags,
  withDatabaseFlags,
  withImportersFlag,
} from "../flags.ts";
import type { Declaration } from "./declaration.ts";
import { withAdHocFlags, withSourceFlags } from "./source_flags.ts";

export function declareShowingCommands({ program, output, finish }: Declaration): void {
  const status = program.command("status")
    .summary("show where a run stands")
    .description("Shows where a run stands: counts, speed, errors and what to do next.")
    .argument("[run]", "the number of the run (the latest if omitted)", parseRunId)
    .option("-w, --watch", "follow it until it ends")
    .option("--events", "show what happened to it, when, and who asked for it")
    .option("--files", "list its files, if it reads several, and what came of their rows")
    .option("--exit-code", "exit with the run's exit code (0 while it is still running)");
  withDatabaseFlags(status);
  withCommonFlags(status, "ingest status 12", "ingest status --watch", "ingest status 12 --events")
    .action(async (id: number | undefined, flags: StatusFlags) => {
      const { statusCommand } = await import("../commands/status.ts");
      finish(await statusCommand(id ?? null, flags, output));
    });

  const errors = program.command("errors")
    .summary("show what went wrong in a run, grouped")
    .description(
      "Shows why the rows of a run failed, the most frequent errors first, even while the run " +
        "goes on. With --export, writes the failed rows that no retry has fixed to a file for a " +
        "spreadsheet: the columns of the source, the error message, and the row's number. Repair " +
        "them there and load them with `ingest retry <run> --file`. A file named " +
        ".xlsx becomes a workbook, which marks the wrong cells. In CSV, a cell that a spreadsheet " +
        "would run as a formula gets a leading ', which retry removes again. With --suggest, tries " +
        "on all failed rows what the definition could say, and shows for how many it would help. " +
        "--apply writes that into the importer's file.",
    )
    .argument("[run]", "the number of the run (the latest if omitted)", parseRunId)
    .option("--export <file>", "write the failed rows to this file, .csv or .xlsx; - for stdout")
    .option(
      "--format <form>",
      "with --export: csv or xlsx (default: by the file's name, else csv)",
      parseWord(EXPORT_FORMS),
    )
    .option("--force", "with --export: overwrite an existing file")
    .option("--waived", "with --export: also rows that are waived")
    .option("--suggest", "show what the definition could say, measured on the failed rows")
    .option(
      "--apply [numbers]",
      "write suggestions into the importer's file: all, or 1,3",
      parseNumbers,
    );
  withErrorFlags(errors, "only");
  withDatabaseFlags(errors);
  withImportersFlag(errors);
  withCommonFlags(
    errors,
    "ingest errors 12",
    "ingest errors 12 --suggest",
    "ingest errors 12 --suggest --apply 1,3",
    "ingest errors 12 --export failed.csv",
    "ingest errors 12 --export failed.xlsx",
    "ingest errors 12 --export - | head",
    "ingest errors 12 --group 3f9a12 --export dates.csv",
  ).action(async (id: number | undefined, flags: ErrorsFlags) => {
    const { errorsCommand } = await import("../commands/errors.ts");
    finish(await errorsCommand(id ?? null, flags, output));
  });

  const rows = program.command("rows")
    .summary("show the logged rows of a run")
    .description(
      "Shows the rows that a run has logged (by default, the failed ones), in file order.",
    )
    .argument("<run>", "the number of the run", parseRunId)
    .option(
      "--status <status>",
      "only rows with this status: created, updated, skipped or failed",
      parseWord(ROW_STATUSES),
    )
    .option("--limit <n>", "at most this many", parseCount(1, 10_000), 100)
    .option("--after <row>", "only rows after this one", parseCount(0, Number.MAX_SAFE_INTEGER), 0);
  withErrorFlags(rows, "only");
  withDatabaseFlags(rows);
  withCommonFlags(
    rows,
    "ingest rows 12 --status failed --limit 20",
    "ingest rows 12 --group 3f9a12",
    "ingest rows 12 --code type --column age",
  )
    .action(async (id: number, flags: RowsFlags) => {
      const { rowsCommand } = await import("../commands/rows.ts");
      finish(await rowsCommand(id, flags, output));
    });

  const runs = program.command("runs")
    .summary("list the latest runs")
    .description("Lists runs, the latest first.")
    .option("--status <status>", "only runs with this status", parseWord(RUN_STATUSES))
    .option("--importer <slug>", "only runs of this importer")
    .option("--limit <n>", "at most this many", parseCount(1, 1000), 20);
  withDatabaseFlags(runs);
  withCommonFlags(runs, "ingest runs --status failed --importer customers")
    .action(async (flags: RunsFlags) => {
      const { runsCommand } = await import("../commands/runs.ts");
      finish(await runsCommand(flags, output));
    });

  const list = program.command("list")
    .summary("list the importers")
    .description(
      "Lists the importers: what they load, from where, and how they handle duplicates. If a " +
        "database is named, also what waits in watched folders, and when sources are due.",
    );
  withDatabaseFlags(list);
  withImportersFlag(list);
  withCommonFlags(list, "ingest list").action(async (flags: ListFlags) => {
    const { listCommand } = await import("../commands/list.ts");
    finish(await listCommand(flags, output));
  });

  const check = program.command("check")
    .summary("find mistakes in definitions")
    .description(
      "Checks one definition or all of them. If a database is named, also compares them with the " +
        "tables that they load into. With --file, shows how a file would be understood: its " +
        "encoding and delimiter, which columns fill which, its first rows, and likely mistakes.",
    )
    .argument("[importer]", "the slug of a definition")
    .addOption(
      new Option(
        "-f, --file <path>",
        "look at this file, or at what an address has (https://…); a folder, a pattern in quotes, " +
          "or the option repeated: several; nothing is written",
      ).argParser(parseFiles),
    )
    .option(
      "--against <n>",
      "try the files of the last n runs again, as dry runs: which rows the definition fixes, and breaks",
      parseCount(1, 100),
    );
  withAdHocFlags(check);
  withSourceFlags(check);
  withAllowHostFlag(check);
  withImportersFlag(check);
  withDatabaseFlags(check);
  withCommonFlags(
    check,
    "ingest check",
    "ingest check customers --database-url postgres://…",
    "ingest check customers --file customers.csv",
    "ingest check customers --file 'incoming/*.csv'",
    "ingest check --table customers --file customers.csv",
    "ingest check customers --against 5",
  )
    .action(async (importer: string | undefined, { file, ...flags }: CheckFlags) => {
      const { against } = flags;
      if (against !== undefined) {
        const { checkAgainstCommand } = await import("../commands/check_against.ts");
        const given = { ...flags, file, against };
        return finish(await checkAgainstCommand(importer ?? null, given, output));
      }
      if (file !== undefined) {
        const { checkFileCommand } = await import("../commands/check_file.ts");
        return finish(await checkFileCommand(importer ?? null, { ...flags, file }, output));
      }
      const { checkCommand } = await import("../commands/check.ts");
      finish(await checkCommand(importer ?? null, flags, output));
    });

  withCommonFlags(program.command("version").summary("show the version"), "ingest version")
    .action(async (flags: CommonFlags) => {
      const { versionCommand } = await import("../commands/version.ts");
      finish(versionCommand(flags, output));
    });
}
