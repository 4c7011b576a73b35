/** Options that say how a file is read, and into which table: of `run` and `check`. */
import type { Command } from "commander";
import { IDENTITY, ON_DUPLICATE } from "../../importer/definition.ts";
import { parseCount, parseNames, parseSize, parseWord } from "../arguments.ts";

/** For work without a definition. */
export function withAdHocFlags(command: Command): Command {
  return command
    .option("--table <name>", "load into this table without a definition")
    .option(
      "--key <columns>",
      'with --table: the columns that identify a row ("a, b" in quotes is one)',
      parseNames,
    )
    .option(
      "--on-duplicate <what>",
      "with --table: skip, update or fail",
      parseWord(ON_DUPLICATE),
    )
    .option(
      "--identity <what>",
      "with --table: keep or generate the numbers of columns that Postgres numbers itself",
      parseWord(IDENTITY),
    );
}

export function withSourceFlags(command: Command): Command {
  return command
    .option("--delimiter <character>", "overrides the definition: , ; tab | or auto")
    .option("--quote <character>", "overrides the definition: \", ', none … or auto")
    .option(
      "--escape <character>",
      "overrides the definition: what makes the next character ordinary, \\",
    )
    .option("--comment <text>", "overrides the definition: what begins lines that are no rows, #")
    .option("--encoding <label>", "overrides the definition: utf-8, windows-1252 … or auto")
    .option("--sheet <sheet>", "overrides the definition: a workbook's sheet, by name or number")
    .option(
      "--skip-lines <n>",
      "overrides the definition: how many lines come before the header",
      parseCount(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--member <name>", "the file in a zip archive: its name or a pattern, *.csv")
    .option(
      "--records <place>",
      "the array of a JSON file that has the rows: data.items; or the table of a dump",
    )
    .option(
      "--max-unpacked <size>",
      "overrides the definition: what a packed file may become, 50GB",
      parseSize,
    );
}
