import { type Command, CommanderError, type Option } from "commander";
import {
  parseCodes,
  parseFiles,
  parseGroups,
  parseMapping,
  parseNames,
  parseOrigins,
  parsePattern,
  parseRowRuns,
  parseSet,
} from "./arguments.ts";

/**
 * Refuses an option that is given twice although only one can count: the first `--file` would be
 * dropped without a word. The same goes for `--dry-run --no-dry-run`. Applies to all commands below
 * `program`; call it when they are declared.
 */
export function refuseRepeated(program: Command): void {
  for (const command of program.commands) {
    const given = new Map<string, string>();
    for (const option of command.options) {
      command.on(`option:${option.name()}`, () => {
        const before = given.get(option.attributeName());
        given.set(option.attributeName(), nameOf(option));
        if (before === undefined || !isAmbiguous(option, before)) return;
        throw new CommanderError(2, "ingest.repeatedOption", sentence(option, before));
      });
    }
    refuseRepeated(command);
  }
}

/** A list may be given in parts: its parser gets what came before. And a flag may be repeated. */
function isAmbiguous(option: Option, before: string): boolean {
  const takesValue = option.required || option.optional;
  return before !== nameOf(option) || (takesValue && !isList(option));
}

/** May the option be given several times? */
export function isList({ parseArg }: Option): boolean {
  return LISTS.some((parse) => parse === parseArg);
}

const LISTS: readonly unknown[] = [
  parseNames,
  parsePattern,
  parseGroups,
  parseCodes,
  parseFiles,
  parseRowRuns,
  parseOrigins,
  parseMapping,
  parseSet,
];

function nameOf(option: Option): string {
  return option.long ?? option.flags;
}

function sentence(option: Option, before: string): string {
  const name = nameOf(option);
  return before === name
    ? `error: ${name} was given twice; give it once`
    : `error: ${before} and ${name} exclude each other`;
}
