/** Checks the key of a definition, and what becomes of rows that are there already. */
import type { Definition } from "../definition.ts";
import { isMapping } from "../issues.ts";
import { keyTarget } from "../key.ts";
import { nearest } from "../nearest.ts";
import { describe, type Path, type Problems } from "../problem.ts";
import { knownKeys, type ParsedDefinition } from "../schema.ts";

export function checkKey(raw: unknown, definition: Definition, problems: Problems): void {
  const names = isMapping(raw) ? mappedNames(raw.columns) : null;
  const written = isMapping(raw) ? raw.key : undefined;
  const [parent, entries] = isMapping(written)
    ? [["key", "columns"], written.columns]
    : [["key"], written];
  const single = !Array.isArray(entries);
  if (definition.key_where?.trim() === "") {
    problems.wrong(["key", "where"], "", "a condition such as deleted_at is null");
  }
  for (const [index, entry] of definition.key.entries()) {
    const path: Path = single ? parent : [...parent, index];
    if (definition.key.indexOf(entry) < index) {
      problems.add(path, {
        found: describe(entry),
        expected: "each column once",
        sentence: `${describe(entry)} is already in the key`,
      });
    } else if (entry === "") {
      problems.wrong(path, entry, "a column's name");
    } else if (names !== null && !names.has(entry) && definition.options.unmapped !== "auto") {
      problems.add(path, {
        found: describe(entry),
        expected: "a column that is mapped",
        suggestion: nearest(entry, names),
        sentence: `${describe(entry)} is neither a source nor a target column under \`columns\``,
      });
    }
  }
}

/**
 * The names that a key may use: targets and sources. Texts under unknown keys count as sources, or
 * one slip (`form: E-Mail`) would be reported twice. Null: there are no columns, so any name may
 * do.
 */
function mappedNames(columns: unknown): ReadonlySet<string> | null {
  if (!isMapping(columns)) return null;
  const names = new Set<string>();
  for (const [target, column] of Object.entries(columns)) {
    names.add(target);
    const known = knownKeys(["columns", target]);
    const sources = isMapping(column)
      ? Object.entries(column).flatMap(([key, value]) =>
        key === "from" || !known.includes(key) ? value : []
      )
      : [column];
    for (const source of sources) names.add(String(source));
  }
  return names;
}

export function checkDuplicates(
  raw: unknown,
  parsed: ParsedDefinition,
  definition: Definition,
  problems: Problems,
): void {
  const { on_duplicate: onDuplicate, on_missing: onMissing } = parsed;
  // Tables that can't be read may have keys.
  const mayHaveKeys = isMapping(raw) && raw.tables !== undefined && parsed.tables === undefined;
  if ((!isMapping(raw) || raw.key === undefined) && !mayHaveKeys) {
    const needy = [
      ["on_duplicate", onDuplicate, "fail"],
      ["on_missing", onMissing, "insert"],
    ] as const;
    for (const [name, value, harmless] of needy) {
      if (value === undefined || value === harmless) continue;
      problems.add([name], {
        found: `${value} without a key`,
        expected: "a key",
        sentence: `${value} needs a key; say which column identifies a row: key: [column]`,
      });
    }
  }
  checkKept(definition, problems);
  const { compare } = definition;
  const compared = isMapping(raw) && raw.compare !== undefined;
  if (onDuplicate === "update_if_newer" && !compared) {
    problems.missing(["compare"], "{source, target}, the columns that tell which row is newer");
  } else if (compare !== null && parsed.on_duplicate !== "update_if_newer" && knows(raw, parsed)) {
    problems.add(["compare"], {
      found: `on_duplicate ${definition.on_duplicate}`,
      expected: "on_duplicate: update_if_newer",
      sentence: "is used only with on_duplicate: update_if_newer",
    });
  }
}

/** `on_update: keep` makes sense where rows are updated, for the columns that an update writes. */
function checkKept(definition: Definition, problems: Problems): void {
  const { columns, on_duplicate, key } = definition;
  const keys = key.map((entry) => keyTarget(entry, columns ?? {}));
  for (const [target, { on_update }] of Object.entries(columns ?? {})) {
    if (on_update !== "keep") continue;
    const path = ["columns", target, "on_update"];
    if (keys.includes(target)) {
      problems.add(path, {
        found: "keep for a column of the key",
        expected: "a column that an update writes",
        sentence: `${describe(target)} is in the key, which no update changes`,
      });
    } else if (on_duplicate !== "update" && on_duplicate !== "update_if_newer") {
      problems.add(path, {
        found: `on_duplicate ${on_duplicate}`,
        expected: "on_duplicate: update or update_if_newer",
        sentence: `is used only with on_duplicate: update or update_if_newer`,
      });
    }
  }
}

/** Whether `on_duplicate` is as written, and was not left out because it made no sense. */
function knows(raw: unknown, parsed: ParsedDefinition): boolean {
  return isMapping(raw) && raw.on_duplicate === parsed.on_duplicate;
}
