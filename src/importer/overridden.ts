/** What whoever started a run said instead of its definition. It is kept with the run. */
import type { Definition, Overridden } from "./definition.ts";
import { OVERRIDABLE, overrideSource, type SourceOverrides } from "./override_source.ts";
import { readMaxErrors } from "./read_options.ts";

export interface Overrides {
  readonly source?: SourceOverrides;
  /** As written: `100` or `10%`. */
  readonly maxErrors?: string;
  /** Only so many rows of the file. */
  readonly limit?: number;
}

const SOURCE = "source.";
const MAX_ERRORS = "options.max_errors";

/** The definition with what was said instead. Throws WrongOverride; `maxErrors` has been read before. */
export function withOverrides(definition: Definition, given: Overrides): Definition {
  const { source = {}, maxErrors, limit } = given;
  const said = [
    ...OVERRIDABLE.flatMap((key) =>
      source[key] === undefined ? [] : [[SOURCE + key, source[key]] as const]
    ),
    ...maxErrors === undefined ? [] : [[MAX_ERRORS, maxErrors] as const],
    ...limit === undefined ? [] : [["limit", limit] as const],
  ];
  if (said.length === 0) return definition;
  return {
    ...definition,
    source: overrideSource(definition.source, source),
    options: maxErrors === undefined ? definition.options : {
      ...definition.options,
      max_errors: readMaxErrors(maxErrors),
    },
    overridden: { ...definition.overridden, ...Object.fromEntries(said) },
  };
}

/**
 * The same said again, for a retry with the definition as it is now. What a file is limited to
 * doesn't matter to rows that were read.
 */
export function overriddenAs(definition: Definition, { overridden }: Definition): Definition {
  if (overridden === undefined) return definition;
  const source = Object.fromEntries(
    Object.entries(overridden).filter(([key]) => key.startsWith(SOURCE))
      .map(([key, value]) => [key.slice(SOURCE.length), value]),
  );
  const maxErrors = overridden[MAX_ERRORS];
  return withOverrides(definition, {
    source,
    ...maxErrors !== undefined && { maxErrors: String(maxErrors) },
  });
}

/** How many rows a run is limited to; null: all. */
export function rowLimit({ overridden }: Definition): number | null {
  const limit = overridden?.limit;
  return typeof limit === "number" ? limit : null;
}

/** All that was said, by the definition's own keys, with where columns come from. */
export function allOverridden({ set = {}, overridden = {}, mapping = {} }: Definition): Overridden {
  const columns = Object.entries(mapping).map(([target, from]) =>
    [`columns.${target}.from`, from] as const
  );
  return { ...set, ...overridden, ...Object.fromEntries(columns) };
}
