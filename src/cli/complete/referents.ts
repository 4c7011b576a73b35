/** What arguments and values of options refer to: the only list that knows them by name. */
import type { Argument, Option } from "commander";
import { GROUP_CODES } from "../../row/outcome.ts";

export type Referent =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: InDatabase | OfShell | "commands" | "flags" | "importers" | "nothing" };

export type InDatabase = "runs" | "columns" | "groups" | "tables" | "tokens";

/** What the shell completes itself. */
type OfShell = "files" | "folders";

const OPTIONS: Readonly<Record<string, Referent>> = {
  "--file": { kind: "files" },
  "--from": { kind: "files" },
  "--export": { kind: "files" },
  "--importers": { kind: "folders" },
  "--source-dir": { kind: "folders" },
  "--importer": { kind: "importers" },
  "--column": { kind: "columns" },
  "--group": { kind: "groups" },
  "--code": { kind: "words", words: GROUP_CODES },
  "--table": { kind: "tables" },
  "--delimiter": { kind: "words", words: ["auto", ",", ";", "tab", "|"] },
  "--quote": { kind: "words", words: ["auto", '"', "'", "none"] },
  "--escape": { kind: "words", words: ["\\"] },
  "--comment": { kind: "words", words: ["#"] },
  "--encoding": {
    kind: "words",
    words: ["auto", "utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "utf-16le", "utf-16be"],
  },
  "--retention": { kind: "words", words: ["off"] },
  "--host": { kind: "words", words: ["127.0.0.1", "0.0.0.0", "::1", "::"] },
};

const ARGUMENTS: Readonly<Record<string, Referent>> = {
  importer: { kind: "importers" },
  run: { kind: "runs" },
  token: { kind: "tokens" },
  command: { kind: "commands" },
};

export function referentOfOption({ long, parseArg }: Option): Referent {
  return (long === undefined || !Object.hasOwn(OPTIONS, long) ? null : OPTIONS[long]) ??
    wordsOf(parseArg);
}

export function referentOfArgument(argument: Argument): Referent {
  const name = argument.name();
  return Object.hasOwn(ARGUMENTS, name) ? ARGUMENTS[name] : wordsOf(argument.parseArg);
}

/** Of `parseWord`. */
function wordsOf(parse: unknown): Referent {
  return typeof parse === "function" && "words" in parse && Array.isArray(parse.words)
    ? { kind: "words", words: parse.words.map(String) }
    : { kind: "nothing" };
}
