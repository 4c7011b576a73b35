/**
 * All commands with their options and help. A command's code is imported only when it is called,
 * so that `ingest version` doesn't wait for a database driver.
 */
import { Command } from "commander";
import { declareCleaningCommands } from "./declare/cleaning.ts";
import { declareCompleting } from "./declare/completing.ts";
import { declareDatabaseCommands } from "./declare/database.ts";
import type { Declaration } from "./declare/declaration.ts";
import { declareDefining } from "./declare/defining.ts";
import { declareLoadingCommands } from "./declare/loading.ts";
import { declareOverview } from "./declare/overview.ts";
import { declareRetrying } from "./declare/retrying.ts";
import { declareServing } from "./declare/serving.ts";
import { declareShowingCommands } from "./declare/showing.ts";
import { declareTokenCommands } from "./declare/tokens.ts";
import { declareViewing } from "./declare/viewing.ts";
import { declareVerifying } from "./declare/verifying.ts";
import { declareUndoing } from "./declare/undoing.ts";
import { declareWaiving } from "./declare/waiving.ts";
import { groupCommands, HELP } from "./help_groups.ts";
import type { Output } from "./output.ts";
import { refuseRepeated } from "./refuse_repeated.ts";
import { VERSION } from "./version.ts";

interface Group {
  readonly commands: readonly string[];
  declare(declaration: Declaration): void;
}

const GROUPS: readonly Group[] = [
  {
    commands: ["run", "resume", "release", "cancel", "wait", "work"],
    declare: declareLoadingCommands,
  },
  {
    commands: ["status", "errors", "rows", "runs", "list", "check", "version"],
    declare: declareShowingCommands,
  },
  { commands: ["init", "test", "schema"], declare: declareDefining },
  { commands: ["overview"], declare: declareOverview },
  { commands: ["verify"], declare: declareVerifying },
  { commands: ["retry"], declare: declareRetrying },
  { commands: ["waive"], declare: declareWaiving },
  { commands: ["view"], declare: declareViewing },
  { commands: ["undo"], declare: declareUndoing },
  { commands: ["serve"], declare: declareServing },
  { commands: ["token"], declare: declareTokenCommands },
  { commands: ["delete", "prune"], declare: declareCleaningCommands },
  { commands: ["migrate", "db"], declare: declareDatabaseCommands },
  { commands: ["completions"], declare: declareCompleting },
];

/** The names of all commands that aren't commands of another. */
export const COMMAND_NAMES: readonly string[] = GROUPS.flatMap(({ commands }) => commands);

/**
 * `first`: the first argument. If it is a command, its group is enough: to declare all commands takes
 * 5 ms.
 */
export function buildCommandLine(
  output: Output,
  finish: (exit: number) => void,
  first?: string,
): Command {
  const program = new Command("ingest")
    .description("Imports files into Postgres tables, and stays in charge of the import.")
    .usage("[command] [options]")
    .version(VERSION, "-V, --version")
    // Also in front of a command.
    .option("--no-color", "show no colours")
    .configureHelp(HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => output.stdout.write(text),
      // Errors are thrown, and reported in one place (main.ts).
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(100, output.widthOf(output.stdout)),
      getErrHelpWidth: () => Math.min(100, output.widthOf(output.stderr)),
    })
    .addHelpText(
      "after",
      "\nExamples:\n" +
        "  ingest run --table customers --key email --file customers.csv\n" +
        "  ingest errors                      # of the latest run\n" +
        "  ingest retry 12 --file fixed.csv\n\n" +
        "Without a command, it shows where things stand, and what to do. --version: which this is.\n\n" +
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some rows failed, 4 cancelled,\n" +
        "5 no such run or importer, 6 the database can't be reached, 7 verify: something differs.\n",
    );
  const declaration = { program, output, finish };
  const group = GROUPS.find(({ commands }) => commands.some((name) => name === first));
  for (const { declare } of group === undefined ? GROUPS : [group]) declare(declaration);
  groupCommands(program);
  refuseRepeated(program);
  return program;
}
