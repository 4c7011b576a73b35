/** Options of a command that override the definition. */
import { UsageError } from "../config/usage_error.ts";
import { type ColumnMapping, withMapping } from "../importer/column_mapping.ts";
import type { Definition, OptionsRule } from "../importer/definition.ts";
import { withOverrides } from "../importer/overridden.ts";
import { type SourceOverrides, WrongOverride } from "../importer/override_source.ts";
import { readMaxErrors } from "../importer/read_options.ts";

export interface OverrideFlags {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly escape?: string;
  readonly comment?: string;
  readonly encoding?: string;
  readonly sheet?: string;
  readonly skipLines?: number;
  readonly member?: string;
  readonly records?: string;
  /** Bytes. */
  readonly maxUnpacked?: number;
  readonly maxErrors?: string;
  /** Where columns of the table come from. */
  readonly map?: ColumnMapping;
  /** Only so many rows. */
  readonly limit?: number;
}

/** Throws UsageError. */
export function applyOverrides(definition: Definition, flags: OverrideFlags): Definition {
  const { maxErrors, map, limit } = flags;
  readMaxErrorsFlag(maxErrors);
  try {
    const given = { source: sourceOverrides(flags), maxErrors, limit };
    return withMapping(withOverrides(definition, given), map);
  } catch (error) {
    if (!(error instanceof WrongOverride)) throw error;
    const { key, expected, got, isWritten } = error;
    throw new UsageError(
      isWritten
        ? `--${key}: expected ${expected}, got ${got}`
        : `--delimiter: the definition has source.${key}: ${got}; set --${key} to ${expected}`,
    );
  }
}

/** What the options say about the file, by key of `source`. */
export function sourceOverrides(flags: OverrideFlags): SourceOverrides {
  const { delimiter, quote, escape, comment, encoding, sheet, member, records } = flags;
  return {
    ...{ delimiter, quote, escape, comment, encoding, sheet, member, records },
    ...{ skip_lines: flags.skipLines, max_unpacked: flags.maxUnpacked },
  };
}

/** Undefined: not given. Throws UsageError. */
export function readMaxErrorsFlag(text: string | undefined): OptionsRule["max_errors"] | undefined {
  if (text === undefined) return undefined;
  const value = readMaxErrors(text);
  if (value !== null) return value;
  throw new UsageError(
    `--max-errors: expected a number of rows or a percentage like 10%, got "${text}"`,
  );
}
