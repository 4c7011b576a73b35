/** Options of a command that override the definition. */
import { UsageError } from "../config/usage_error.ts";
import type { Definition, OptionsRule, SourceRule } from "../importer/definition.ts";
import { dialectConflict } from "../importer/dialect_conflict.ts";
import {
  readComment,
  readDelimiter,
  readEncoding,
  readEscape,
  readMaxErrors,
  readQuote,
} from "../importer/read_options.ts";

export interface OverrideFlags {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly escape?: string;
  readonly comment?: string;
  readonly encoding?: string;
  readonly skipLines?: number;
  readonly maxErrors?: string;
}

/** Throws UsageError. */
export function applyOverrides(definition: Definition, flags: OverrideFlags): Definition {
  const maxErrors = readMaxErrorsFlag(flags.maxErrors);
  return {
    ...definition,
    source: withSourceFlags(definition.source, flags),
    options: {
      ...definition.options,
      max_errors: maxErrors === undefined ? definition.options.max_errors : maxErrors,
    },
  };
}

function withSourceFlags(rule: SourceRule, flags: OverrideFlags): SourceRule {
  const one = "one character that is no letter, digit or blank";
  const delimiter = override(
    "--delimiter",
    flags.delimiter,
    readDelimiter,
    "one character, tab or auto",
  );
  const quote = override("--quote", flags.quote, readQuote, "none, one character or auto");
  const escape = override("--escape", flags.escape, readEscape, one);
  const comment = override(
    "--comment",
    flags.comment,
    readComment,
    "the text with which comments begin, such as #",
  );
  const encoding = override(
    "--encoding",
    flags.encoding,
    readEncoding,
    "an encoding such as utf-8 or windows-1252, or auto",
  );
  const source = {
    ...rule,
    delimiter: delimiter ?? rule.delimiter,
    quote: quote ?? rule.quote,
    ...escape !== undefined && { escape, null_values: nullWords(rule, escape) },
    ...comment !== undefined && { comment },
    encoding: encoding ?? rule.encoding,
    skip_lines: flags.skipLines ?? rule.skip_lines,
  };
  const conflict = dialectConflict(source);
  if (conflict === null) return source;
  const { key, expected } = conflict;
  const found = JSON.stringify(source[key]);
  throw new UsageError(
    flags[key] === undefined
      ? `--delimiter: the definition has source.${key}: ${found}; set --${key} to ${expected}`
      : `--${key}: expected ${expected}, got ${found}`,
  );
}

/** As in a definition, where a backslash also brings the word that MySQL writes for NULL. */
function nullWords({ null_values: words }: SourceRule, escape: string): readonly string[] {
  const isDefault = words.length === 1 && words[0] === "";
  return escape === "\\" && isDefault ? [...words, "\\N"] : words;
}

/** Undefined: not given. Throws UsageError. */
export function readMaxErrorsFlag(text: string | undefined): OptionsRule["max_errors"] | undefined {
  return override("--max-errors", text, readMaxErrors, "a number of rows or a percentage like 10%");
}

function override<T>(
  option: string,
  text: string | undefined,
  read: (text: string) => T | null,
  expected: string,
): T | undefined {
  if (text === undefined) return undefined;
  const value = read(text);
  if (value === null) throw new UsageError(`${option}: expected ${expected}, got "${text}"`);
  return value;
}
