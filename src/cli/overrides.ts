/** Options of a command that override the definition. */
import { UsageError } from "../config/usage_error.ts";
import type { Definition, OptionsRule } from "../importer/definition.ts";
import { readDelimiter, readEncoding, readMaxErrors, readQuote } from "../importer/read_options.ts";

export interface OverrideFlags {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly encoding?: string;
  readonly skipLines?: number;
  readonly maxErrors?: string;
}

/** Throws UsageError. */
export function applyOverrides(definition: Definition, flags: OverrideFlags): Definition {
  const maxErrors = readMaxErrorsFlag(flags.maxErrors);
  return {
    ...definition,
    source: {
      ...definition.source,
      delimiter: override(
        "--delimiter",
        flags.delimiter,
        readDelimiter,
        "one character, tab or auto",
      ) ?? definition.source.delimiter,
      quote: override("--quote", flags.quote, readQuote, "none, one character or auto") ??
        definition.source.quote,
      skip_lines: flags.skipLines ?? definition.source.skip_lines,
      encoding: override(
        "--encoding",
        flags.encoding,
        readEncoding,
        "an encoding such as utf-8 or windows-1252, or auto",
      ) ?? definition.source.encoding,
    },
    options: {
      ...definition.options,
      max_errors: maxErrors === undefined ? definition.options.max_errors : maxErrors,
    },
  };
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
