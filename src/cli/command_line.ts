/**
 * All commands with their options and help. A command's code is imported only when it is called,
 * so that `ingest version` doesn't wait for a database driver.
 */
import { Command } from "commander";
import { declareCleaningCommands } from "./declare/cleaning.ts";
import { declareDatabaseCommands } from "./declare/database.ts";
import { declareLoadingCommands } from "./declare/loading.ts";
import { declareRetrying } from "./declare/retrying.ts";
import { declareServing } from "./declare/serving.ts";
import { declareShowingCommands } from "./declare/showing.ts";
import { declareTokenCommands } from "./declare/tokens.ts";
import type { Output } from "./output.ts";
import { refuseRepeated } from "./refuse_repeated.ts";
import { VERSION } from "./version.ts";

export function buildCommandLine(output: Output, finish: (exit: number) => void): Command {
  const program = new Command("ingest")
    .description("Imports files into Postgres tables, and stays in charge of the import.")
    .usage("<command> [options]")
    .version(VERSION, "-V, --version")
    .helpCommand("help [command]")
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
        "  ingest run customers --file customers.csv\n" +
        "  ingest run --table customers --key email --file customers.csv\n" +
        "  ingest status --watch\n\n" +
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some rows failed, 4 cancelled,\n" +
        "5 no such run or importer, 6 the database can't be reached.\n",
    );
  const declaration = { program, output, finish };
  declareLoadingCommands(declaration);
  declareRetrying(declaration);
  declareShowingCommands(declaration);
  declareCleaningCommands(declaration);
  declareServing(declaration);
  declareTokenCommands(declaration);
  declareDatabaseCommands(declaration);
  refuseRepeated(program);
  return program;
}
