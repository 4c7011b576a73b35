/** `--group`, `--code`, `--column`, `--of-file`: the commands that are about certain errors. */
import type { Command } from "commander";
import type { ErrorsAsked } from "../run/request/choose_errors.ts";
import { parseCodes, parseFiles, parseGroups, parseNames } from "./arguments.ts";

export interface ErrorFlags {
  readonly group?: readonly string[];
  readonly code?: readonly string[];
  readonly column?: readonly string[];
  readonly ofFile?: readonly string[];
}

/** `what`: what the command does to such rows, such as `retry only`. */
export function withErrorFlags(command: Command, what: string): Command {
  return command
    .option(
      "--group <id>",
      `${what} rows with errors of this group, as \`errors\` shows it`,
      parseGroups,
    )
    .option(
      "--code <code>",
      `${what} rows with errors of this code, such as foreign_key`,
      parseCodes,
    )
    .option("--column <name>", `${what} rows with errors in this column`, parseNames)
    .option(
      "--of-file <name>",
      `${what} rows of this file, of a run that reads several`,
      parseFiles,
    );
}

export function errorsAsked(
  { group = [], code = [], column = [], ofFile = [] }: ErrorFlags,
): ErrorsAsked {
  return { groups: group, codes: code, columns: column, files: ofFile };
}
