import type { Definition } from "./definition.ts";
import { checkDefinition } from "./check_definition.ts";
import { complete } from "./complete.ts";
import { readDocument } from "./document.ts";
import { isMapping, reportIssues, without } from "./issues.ts";
import { describe, type Positions, type Problem, Problems } from "./problem.ts";
import { definitionSchema, type ParsedDefinition } from "./schema.ts";
import { A_SLUG, isSlug, slugOfFile, toSlug } from "./slug.ts";

export interface ParseOptions {
  /** The schema of ingest's own tables, which is refused as a target. */
  readonly ownSchema?: string;
}

/** A definition that can be used, and where in its file things stand. */
export interface AcceptedDefinition {
  readonly definition: Definition;
  readonly positions: Positions;
}

/** All that is wrong with a definition; at least one problem. */
export interface RejectedDefinition {
  readonly problems: readonly Problem[];
  /** What the file would be called if it were right. */
  readonly slug: string;
}

export type ParseResult = AcceptedDefinition | RejectedDefinition;

/** Data that claims to be a definition, and what is known of its origin. */
export interface RawDefinition {
  readonly value: unknown;
  readonly positions: Positions;
  /** See `SourceDocument.written`. */
  readonly written: ReadonlyMap<string, string>;
  /** Holds what was found wrong while reading. */
  readonly problems: Problems;
}

/**
 * Parses the text of a `.yaml`, `.yml` or `.json` definition. `file` is named in problems and
 * gives the slug. Never throws for what the text says.
 */
export function parseDefinition(
  text: string,
  file: string,
  options: ParseOptions = {},
): ParseResult {
  return validateDefinition(readDocument(text, file), slugOfFile(file), options);
}

/** The same from plain data. `slug` is used unless the data has one. */
export function validateDefinition(
  raw: RawDefinition,
  slug: string,
  options: ParseOptions = {},
): ParseResult {
  const { value, written, problems } = raw;
  const ownSlug = isMapping(value) && value.slug !== undefined
    ? written.get("slug") ?? String(value.slug)
    : null;
  const usedSlug = ownSlug ?? slug;
  const rejected = (): RejectedDefinition => ({ problems: problems.list, slug: usedSlug });

  // Text that can't be read at all has nothing more to say.
  if (value === undefined) return rejected();
  if (value === null) {
    problems.wrong([], value, "a definition; the least is `table: customers`");
    return rejected();
  }
  checkSlug(usedSlug, ownSlug === null ? [] : ["slug"], problems);
  const parsed = parseShape(value, problems);
  if (parsed !== null) {
    const definition = complete(parsed, usedSlug, parsed.table ?? "", written);
    checkDefinition(value, parsed, definition, options.ownSchema ?? "ingest", problems);
    if (problems.count === 0) return { definition, positions: raw.positions };
  }
  return rejected();
}

/**
 * What of the data has the right shape: parts that don't are reported and left out, so that
 * the rest is checked all the same. Null if it is no mapping.
 */
function parseShape(value: unknown, problems: Problems): ParsedDefinition | null {
  let result = definitionSchema.safeParse(value);
  if (result.success) return result.data;
  let paths = reportIssues(result.error.issues, value, problems);
  let rest = value;
  // Taking a part out can leave its mapping incomplete, which then goes too; each round takes
  // at least one level.
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
