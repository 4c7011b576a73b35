/** From plain data to a definition. */
import type { Definition } from "./definition.ts";
import { checkDefinition } from "./check/check_definition.ts";
import { checkWords } from "./check/check_words.ts";
import { checkRoutes } from "./routes/check_routes.ts";
import { completeRoutes } from "./routes/complete_routes.ts";
import { isMapping, reportIssues, without } from "./issues.ts";
import { describe, type Positions, type Problem, Problems } from "./problem.ts";
import { definitionSchema, type ParsedDefinition } from "./schema.ts";
import type { SetValues } from "./set/setting.ts";
import { A_SLUG, isSlug, toSlug } from "./slug.ts";

export interface ParseOptions {
  /** The schema of ingest's own tables, which is refused as a target. */
  readonly ownSchema?: string;
  /**
   * What a run is told instead of the definition (see set/telling.ts), how whoever told it calls that, and
   * what puts it in its place.
   */
  readonly set?: {
    readonly values: SetValues;
    readonly named: string;
    put(raw: RawDefinition): RawDefinition;
  };
}

/** A usable definition, and the line of each of its parts. */
export interface AcceptedDefinition {
  readonly definition: Definition;
  readonly positions: Positions;
}

/** Everything that is wrong with a definition: at least one problem. */
export interface RejectedDefinition {
  readonly problems: readonly Problem[];
  /** The slug that the definition would have if it were right. */
  readonly slug: string;
}

export type ParseResult = AcceptedDefinition | RejectedDefinition;

/** Data that should be a definition, and what is known about its origin. */
export interface RawDefinition {
  readonly value: unknown;
  readonly positions: Positions;
  /** See `SourceDocument.written`. */
  readonly written: ReadonlyMap<string, string>;
  /** Holds the problems found while reading. */
  readonly problems: Problems;
}

/** Never throws, whatever the data is. `slug` is used unless the data has one. */
export function validateDefinition(
  raw: RawDefinition,
  slug: string,
  options: ParseOptions = {},
): ParseResult {
  const { set } = options;
  const { value, written, problems, positions } = set === undefined ? raw : set.put(raw);
  const ownSlug = isMapping(value) && value.slug !== undefined
    ? written.get("slug") ?? String(value.slug)
    : null;
  const usedSlug = ownSlug ?? slug;
  const rejected = (): RejectedDefinition => ({ problems: problems.list, slug: usedSlug });

  // If the text can't be read at all, there is nothing more to check.
  if (value === undefined) return rejected();
  if (value === null) {
    problems.wrong([], value, "a definition; the shortest is `table: customers`");
    return rejected();
  }
  checkSlug(usedSlug, ownSlug === null ? [] : ["slug"], problems);
  const parsed = parseShape(value, problems);
  if (parsed !== null) {
    const definition = completeRoutes(parsed, usedSlug, written);
    const { ownSchema = "ingest" } = options;
    checkRoutes(value, parsed, definition, problems, (...given) => {
      const [raw, part, own, its] = given;
      checkDefinition(raw, part, own, ownSchema, its);
    });
    checkWords(parsed, problems);
    if (problems.count === 0) {
      return {
        definition: set === undefined ? definition : { ...definition, set: set.values },
        positions,
      };
    }
  }
  return rejected();
}

/**
 * The parts of the data that have the right shape. Others are reported and left out, so that the
 * rest can still be checked. Null if the data is not a mapping.
 */
function parseShape(value: unknown, problems: Problems): ParsedDefinition | null {
  let result = definitionSchema.safeParse(value);
  if (result.success) return result.data;
  let paths = reportIssues(result.error.issues, value, problems);
  let rest = value;
  // Removing a part can leave its mapping incomplete, which is then removed, too. Each round
  // removes at least one level.
  while (isMapping(value)) {
    rest = without(rest, paths);
    result = definitionSchema.safeParse(rest);
    if (result.success) return result.data;
    paths = result.error.issues.map((issue) => issue.path.map(toSegment));
  }
  return null;
}

function toSegment(key: PropertyKey): string | number {
  return typeof key === "number" ? key : String(key);
}

function checkSlug(slug: string, path: readonly string[], problems: Problems): void {
  if (isSlug(slug)) return;
  const suggestion = toSlug(slug);
  const what = path.length > 0 ? "" : "the file's name gives the slug ";
  problems.add(path, {
    found: describe(slug),
    expected: A_SLUG,
    suggestion: isSlug(suggestion) ? suggestion : null,
    sentence: `${what}${describe(slug)}, expected ${A_SLUG}`,
  });
}
