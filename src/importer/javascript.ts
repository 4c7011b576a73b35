import { pathToFileURL } from "node:url";
import { resolve } from "node:path";
import { type Path, Problems } from "./problem.ts";
import type { RawDefinition } from "./validate.ts";

/**
 * The default export of a file in JavaScript or TypeScript as data. `modified` (milliseconds) turns a changed file
 * into a new module. Otherwise a program that runs for weeks would keep using the old one. An error
 * that the file throws while loading becomes a problem.
 */
export async function readJavaScript(file: string, modified: number): Promise<RawDefinition> {
  const positions = new Map<string, number>();
  const problems = new Problems({ file, positions });
  const raw = (value: unknown): RawDefinition => ({
    value,
    positions,
    written: new Map(),
    problems,
  });
  const url = pathToFileURL(resolve(file));
  url.searchParams.set("modified", String(modified));
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url.href);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The message of a syntax error says where it is, in its first line or below.
    const [before, after] = message.split(url.href);
    const line = /^:(\d+):\d+/u.exec(after ?? "")?.[1];
    if (line !== undefined) positions.set("", Number(line));
    const [reason] = (line === undefined ? message : before).split("\n", 1);
    const cause = reason.replace(/^SyntaxError: | at $/gu, "");
    problems.add([], {
      found: cause,
      expected: "a JavaScript module",
      sentence: `can't be loaded: ${cause.replaceAll(url.search, "")}`,
    });
    return raw(undefined);
  }
  if (module.default === undefined) {
    problems.add([], {
      found: "no default export",
      expected: "export default { table: … }",
      sentence: "has no default export; expected export default { table: … }",
    });
    return raw(undefined);
  }
  if (typeof module.default === "function") {
    problems.add([], {
      found: "a function",
      expected: "export default { table: … }",
      sentence:
        "is no definition: it exports a function. If these are hooks, give the file a name " +
        "such as customers.hooks.js, and say that name at `hooks`",
    });
    return raw(undefined);
  }
  return raw(plain(module.default, [], problems, new Set()));
}

/** Allows only what a YAML file could contain too, because a definition is stored with each run. */
function plain(
  value: unknown,
  path: Path,
  problems: Problems,
  ancestors: ReadonlySet<object>,
): unknown {
  if (value === null || ["string", "number", "boolean", "undefined"].includes(typeof value)) {
    return value;
  }
  if (typeof value === "object" && !ancestors.has(value)) {
    const within = new Set(ancestors).add(value);
    if (Array.isArray(value)) {
      return value.map((item, index) => plain(item, [...path, index], problems, within) ?? null);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === null || prototype === Object.prototype) {
      const entries = Object.entries(value).flatMap(([key, inner]) => {
        // Schemas leave it out without a word.
        if (key === "__proto__") {
          problems.add([...path, key], {
            found: key,
            expected: "a name",
            sentence: "can't be a key",
          });
          return [];
        }
        const copy = plain(inner, [...path, key], problems, within);
        return copy === undefined ? [] : [[key, copy]];
      });
      return Object.fromEntries(entries);
    }
  }
  const found = typeof value === "function"
    ? "a function"
    : typeof value !== "object"
    ? `a ${typeof value}`
    : ancestors.has(value)
    ? "an object that contains itself"
    : `an object of class ${value.constructor.name}`;
  problems.add(path, { found, expected: "plain data: strings, numbers, lists, objects" });
  return undefined;
}
