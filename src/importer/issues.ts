import type { core } from "zod/mini";
import { isUnsupportedKey, isUnsupportedValue } from "./check/unsupported.ts";
import { describe, type Path, type Problems } from "./problem.ts";
import { nearest } from "./nearest.ts";
import { knownKeys } from "./schema.ts";

type Issue = core.$ZodIssue;

/** Reports what zod found wrong with `data`. Returns the paths, for `without`. */
export function reportIssues(
  issues: readonly Issue[],
  data: unknown,
  problems: Problems,
): readonly Path[] {
  return issues.flatMap((issue) => innermost(issue, [], data)).flatMap(({ issue, path }) => {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) reportKey(path, key, knownKeys(path), problems);
      return issue.keys.map((key) => [...path, key]);
    }
    const value = valueAt(data, path);
    if (isUnsupportedValue(path, value)) {
      problems.add(path, unsupported(describe(value)));
    } else if (value === undefined && path.length > 0) {
      problems.missing(path, issue.message);
    } else {
      const words = issue.code === "invalid_value" ? issue.values.map(String) : [];
      problems.wrong(path, value, issue.message, words);
    }
    return [path];
  });
}

/**
 * A copy of `data` without the parts at these paths. The rest can be checked further, so that one
 * check shows all mistakes. A list is removed as a whole, because removing an item would renumber
 * the others.
 */
export function without(data: unknown, paths: readonly Path[]): unknown {
  const ends = paths.map((path) => {
    const list = path.findIndex((segment) => typeof segment === "number");
    let end = list === -1 ? path.length : list;
    // If a key is missing, the mapping that lacks it is removed.
    while (end > 0 && valueAt(data, path.slice(0, end)) === undefined) end--;
    return end;
  });
  if (ends.includes(0)) return {};
  const copy = copied(data);
  for (const [index, path] of paths.entries()) {
    const parent = valueAt(copy, path.slice(0, ends[index] - 1));
    if (isMapping(parent)) delete parent[path[ends[index] - 1]];
  }
  return copy;
}

function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)]));
}

export function isMapping(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const segment of path) {
    if (Array.isArray(value) && typeof segment === "number") value = value[segment];
    else if (isMapping(value) && Object.hasOwn(value, segment)) value = value[segment];
    else return undefined;
  }
  return value;
}

interface Located {
  readonly issue: Issue;
  readonly path: Path;
}

/**
 * For a union, reports only the alternative that the value was meant to be: the one of the same
 * kind (a mapping, a list), which complains about something inside the value.
 */
function innermost(issue: Issue, parent: Path, data: unknown): readonly Located[] {
  const path = [...parent, ...toPath(issue.path)];
  if (issue.code !== "invalid_union") return [{ issue, path }];
  const isText = typeof valueAt(data, path) === "string";
  const meant = issue.errors.filter((issues) =>
    issues.every((inner) => inner.path.length > 0 || isOfKind(inner, isText))
  );
  return meant.length === 1
    ? meant[0].flatMap((inner) => innermost(inner, path, data))
    : [{ issue, path }];
}

/** Only a text can be meant as one of a choice of words. */
function isOfKind(issue: Issue, isText: boolean): boolean {
  if (issue.code === "invalid_value") return isText;
  return issue.code !== "invalid_type" && issue.code !== "invalid_union";
}

function reportKey(
  parent: Path,
  key: string,
  known: readonly string[],
  problems: Problems,
): void {
  const path = [...parent, key];
  if (isUnsupportedKey(parent, key)) {
    problems.add(path, unsupported(`key ${JSON.stringify(key)}`));
    return;
  }
  const suggestion = nearest(key, known);
  const expected = `one of ${known.join(", ")}`;
  problems.add(path, {
    found: `unknown key ${JSON.stringify(key)}`,
    expected,
    suggestion,
    sentence: suggestion === null ? `unknown key; expected ${expected}` : "unknown key",
  });
}

function unsupported(found: string) {
  return {
    found,
    expected: "what this version supports",
    sentence: `${found} is not supported by this version of ingest`,
  };
}

function toPath(path: readonly PropertyKey[]): Path {
  return path.map((segment) => typeof segment === "number" ? segment : String(segment));
}
