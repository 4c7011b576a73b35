import { dirname, join, normalize, resolve } from "node:path";
import type { Definition } from "./definition.ts";
import { DefinitionError, UnknownImporter } from "./definition_errors.ts";
import { readJavaScript } from "./javascript.ts";
import { parseExtended } from "./extend.ts";
import { type Finding, type Positions, type Problem, toProblem } from "./problem.ts";
import { canLoad, isDefinitionName, slugOfFile } from "./slug.ts";
import { type ParseOptions, type ParseResult, validateDefinition } from "./validate.ts";

/** A usable definition and its file. */
export interface Importer {
  readonly definition: Definition;
  readonly file: string;
  readonly positions: Positions;
}

/** A slug whose definition can't be used, or that several definitions share. */
export interface BrokenImporter {
  readonly slug: string;
  readonly problems: readonly Problem[];
}

export interface Importers {
  /** Sorted by slug. */
  readonly usable: readonly Importer[];
  readonly broken: readonly BrokenImporter[];
  /** False if there is no such folder. */
  readonly exists: boolean;
}

/**
 * Reads all definitions of a folder. A broken one leaves the others usable. Throws
 * `DefinitionError` only if the folder exists but can't be listed.
 */
export async function loadImporters(
  folder: string,
  options: ParseOptions = {},
): Promise<Importers> {
  const files = await definitionFiles(folder);
  if (files === null) return { usable: [], broken: [], exists: false };
  return { ...await readAll(files, options), exists: true };
}

async function readAll(
  files: readonly string[],
  options: ParseOptions,
): Promise<Pick<Importers, "usable" | "broken">> {
  const bySlug = new Map<string, { readonly file: string; readonly result: ParseResult }[]>();
  for (const file of files) {
    const result = await readDefinition(file, options);
    const slug = "problems" in result ? result.slug : result.definition.slug;
    // It is there to be extended by others.
    if (slug === slugOfFile(file) && slug.startsWith("_")) continue;
    const same = bySlug.get(slug) ?? [];
    bySlug.set(slug, [...same, { file, result }]);
  }
  const usable: Importer[] = [];
  const broken: BrokenImporter[] = [];
  for (const [slug, candidates] of [...bySlug].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const [{ file, result }] = candidates;
    if (candidates.length === 1 && "definition" in result) {
      usable.push({ ...result, file });
      continue;
    }
    const problems = candidates.flatMap(({ file, result }) => {
      // If two definitions have the same slug, neither is used: either could be meant.
      const other = candidates.find((candidate) => candidate.file !== file);
      const own = "problems" in result ? result.problems : [];
      return other === undefined ? own : [sameSlug(file, slug, other.file, result), ...own];
    });
    broken.push({ slug, problems });
  }
  return { usable, broken };
}

/**
 * The importer with this slug. Throws `UnknownImporter` if there is none, `DefinitionError` if
 * its definition is broken.
 */
export async function findImporter(
  folder: string,
  slug: string,
  options: ParseOptions = {},
): Promise<Importer> {
  const files = await definitionFiles(folder) ?? [];
  const possible = await Promise.all(files.map((file) => mayHaveSlug(file, slug)));
  const candidates = await readAll(files.filter((_, index) => possible[index]), options);
  const found = candidates.usable.find((importer) => importer.definition.slug === slug);
  if (found !== undefined) return found;
  const unusable = candidates.broken.find((importer) => importer.slug === slug);
  if (unusable !== undefined) throw new DefinitionError(unusable.problems);
  const { usable, broken, exists } = await loadImporters(folder, options);
  const known = [...usable.map(({ definition }) => definition.slug), ...broken.map((b) => b.slug)];
  throw new UnknownImporter(slug, folder, exists ? known.toSorted() : null);
}

/**
 * Whether the file is worth parsing, which takes 5 ms. It isn't if its name gives another slug and
 * its text can't give one: it contains neither the word `slug` nor a backslash, which could escape
 * the letters of that word.
 */
async function mayHaveSlug(file: string, slug: string): Promise<boolean> {
  if (slugOfFile(file) === slug || !/\.(?:ya?ml|json)$/iu.test(file)) return true;
  try {
    return /slug|\\/u.test(await Deno.readTextFile(file));
  } catch {
    // Reading the definition reports what is wrong with the file.
    return true;
  }
}

/** Reads one definition in any of the formats. If the file can't be read, that is its problem. */
async function readDefinition(
  file: string,
  options: ParseOptions = {},
): Promise<ParseResult> {
  const slug = slugOfFile(file);
  if (!canLoad(file)) {
    return rejected(file, slug, {
      found: "TypeScript",
      expected: "YAML, JSON or JavaScript",
      sentence: `the compiled program can't load TypeScript: write ${slug}.js`,
    });
  }
  try {
    if (/\.[jt]s$/iu.test(file)) {
      const { mtime } = await Deno.stat(file);
      const read = await readJavaScript(file, mtime?.getTime() ?? 0);
      return withHooks(validateDefinition(read, slug, options), file);
    }
    const bytes = await Deno.readFile(file);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return withHooks(await parseExtended(text, file, options), file);
  } catch (error) {
    if (error instanceof TypeError) {
      return rejected(file, slug, { found: "bytes that are not UTF-8", expected: "UTF-8" });
    }
    if (!(error instanceof Error)) throw error;
    const sentence = `can't be read: ${error.message}`;
    return rejected(file, slug, { found: error.message, expected: "a readable file", sentence });
  }
}

/** Says where the file of its hooks is. */
function withHooks(result: ParseResult, file: string): ParseResult {
  if ("problems" in result || result.definition.hooks === undefined) return result;
  const { hooks } = result.definition;
  const path = resolve(dirname(file), hooks.file);
  return { ...result, definition: { ...result.definition, hooks: { ...hooks, path } } };
}

/** Sorted, so that a folder gives the same result everywhere. Null if there is no such folder. */
async function definitionFiles(folder: string): Promise<readonly string[] | null> {
  const files: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!isDefinitionName(name)) continue;
      const file = normalize(join(folder, name));
      // A link that leads nowhere counts as a file, so that its problem is reported.
      const stat = await Deno.stat(file).catch(() => null);
      if (stat === null || !stat.isDirectory) files.push(file);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (!(error instanceof Error)) throw error;
    const notFolder = error instanceof Deno.errors.NotADirectory;
    const sentence = notFolder ? "is not a folder" : `can't be listed: ${error.message}`;
    const finding = { found: error.message, expected: "a folder of definitions", sentence };
    throw new DefinitionError([toProblem(folder, null, [], finding)]);
  }
  return files.toSorted();
}

function sameSlug(file: string, slug: string, other: string, result: ParseResult): Problem {
  const place = "positions" in result ? result.positions.get("slug") : undefined;
  return toProblem(file, typeof place === "number" ? place : null, ["slug"], {
    found: slug,
    expected: "a slug of its own",
    sentence: `${JSON.stringify(slug)} is also the slug of ${other}`,
  });
}

function rejected(file: string, slug: string, finding: Finding): ParseResult {
  return { slug, problems: [toProblem(file, null, [], finding)] };
}
