/** `extends`: a definition begins with what other files say, and says what is different. */
import { basename, dirname, join } from "node:path";
import { readDocument, type SourceDocument } from "./document/document.ts";
import { isMapping } from "./issues.ts";
import { nearest } from "./nearest.ts";
import { describe, formatPath, type Path, type Place, Problems } from "./problem.ts";
import { slugOfFile } from "./slug.ts";
import { type ParseOptions, type ParseResult, validateDefinition } from "./validate.ts";

/** What a file can't give to those that extend it: they would be called the same. */
const OWN_KEYS = ["slug", "extends"];

const A_FILE = "the name of a .yaml or .json file in the same folder, such as _common.yaml";

/**
 * Parses the text of a `.yaml`, `.yml` or `.json` definition, and reads what it extends. Never throws because
 * of what is in the files.
 */
export async function parseExtended(
  text: string,
  file: string,
  options: ParseOptions = {},
): Promise<ParseResult> {
  return validateDefinition(await readExtended(text, file, []), slugOfFile(file), options);
}

/** `within`: the files that extend this one, the first one first. */
async function readExtended(
  text: string,
  file: string,
  within: readonly string[],
): Promise<SourceDocument> {
  const own = readDocument(text, file);
  if (!isMapping(own.value) || own.value.extends === undefined) return own;
  const { extends: named, ...rest } = own.value;
  const names = Array.isArray(named) ? named : [named];
  let base: SourceDocument | null = null;
  for (const [i, name] of names.entries()) {
    const path = Array.isArray(named) ? ["extends", i] : ["extends"];
    const read = await readBase(name, path, own, [...within, file]);
    if (read !== null) base = base === null ? read : layered(base, read);
  }
  // Without all that belongs to it, there is nothing to check.
  if (base === null || own.problems.count > 0) return { ...own, value: undefined };
  return layered(base, { ...own, value: rest });
}

/** Null, with a problem, if it can't be read. */
async function readBase(
  name: unknown,
  path: Path,
  { problems }: SourceDocument,
  within: readonly string[],
): Promise<SourceDocument | null> {
  if (typeof name !== "string" || basename(name) !== name || !/\.(?:ya?ml|json)$/iu.test(name)) {
    problems.wrong(path, name, A_FILE);
    return null;
  }
  const folder = dirname(within[within.length - 1]);
  const file = join(folder, name);
  if (within.includes(file)) {
    const circle = [...within.slice(within.indexOf(file)), file].map((one) => basename(one));
    const sentence = `${name} would extend itself (${circle.join(" → ")})`;
    problems.add(path, { found: name, expected: "another file", sentence });
    return null;
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(file));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isMissing = error instanceof Deno.errors.NotFound;
    problems.add(path, {
      found: describe(name),
      expected: A_FILE,
      suggestion: isMissing ? nearest(name, await namesIn(folder)) : null,
      sentence: isMissing
        ? `there is no ${name} beside it`
        : error instanceof TypeError
        ? `${name} has bytes that are not UTF-8`
        : `${name} can't be read: ${error.message}`,
    });
    return null;
  }
  const read = await readExtended(text, file, within);
  for (const problem of read.problems.list) problems.adopt(problem);
  if (read.problems.count > 0) return null;
  if (!isMapping(read.value)) {
    problems.add(path, {
      found: describe(read.value),
      expected: "a part of a definition",
      sentence: `${name} has nothing to extend: found ${describe(read.value)}`,
    });
    return null;
  }
  const given = Object.entries(read.value).filter(([key]) => !OWN_KEYS.includes(key));
  return { ...read, value: Object.fromEntries(given), positions: placesIn(file, read.positions) };
}

function placesIn(file: string, positions: SourceDocument["positions"]) {
  return new Map(
    [...positions].map(([path, place]): [string, Place] => [
      path,
      typeof place === "number" ? { file, line: place } : place,
    ]),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names;
}

/** What `own` says goes before what `base` says. */
function layered(base: SourceDocument, own: SourceDocument): SourceDocument {
  const positions = new Map(own.positions);
  const written = new Map(own.written);
  const inherit = (path: Path) => {
    const name = formatPath(path);
    const isInside = (one: string) =>
      one === name || (one.startsWith(name) && ".[".includes(one[name.length]));
    for (const [one, place] of base.positions) if (isInside(one)) positions.set(one, place);
    for (const [one, text] of base.written) if (isInside(one)) written.set(one, text);
  };
  const merge = (before: object, now: object, path: Path): Record<string, unknown> => {
    const merged: Record<string, unknown> = { ...before, ...now };
    for (const [key, old] of Object.entries(before)) {
      const here = [...path, key];
      const given = Object.hasOwn(now, key);
      const value = merged[key];
      const [first, second] = path.length === 1 && path[0] === "columns"
        ? [asColumn(old, value), asColumn(value, old)]
        : [old, value];
      if (!given) inherit(here);
      // Nothing in its place: as if the base didn't say it.
      else if (value === null) delete merged[key];
      else if (isMapping(first) && isMapping(second)) merged[key] = merge(first, second, here);
    }
    return merged;
  };
  const value = merge(base.value as object, own.value as object, []);
  const { file } = own;
  return { file, value, positions, written, problems: new Problems({ file, positions }) };
}

/** `email: E-Mail` is short for `email: {from: E-Mail}`, if the other one says more. */
function asColumn(value: unknown, other: unknown): unknown {
  return typeof value === "string" && isMapping(other) ? { from: value } : value;
}
