/** The importers of a folder by name, without reading definitions: nothing of theirs is run. */
import { join } from "node:path";
import { canLoad, isDefinitionName, isSlug, slugOfFile } from "./slug.ts";

export interface NamedImporter {
  readonly slug: string;
  readonly file: string;
}

/** Sorted. Empty if there is no such folder, or it can't be read. Takes a millisecond. */
export async function listSlugs(folder: string): Promise<readonly NamedImporter[]> {
  const found = new Map<string, string>();
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory || !isDefinitionName(name) || !canLoad(name)) continue;
      const slug = await ownSlug(join(folder, name)) ?? slugOfFile(name);
      if (isSlug(slug)) found.set(slug, name);
    }
  } catch {
    return [];
  }
  return [...found].map(([slug, file]) => ({ slug, file }))
    .toSorted((one, other) => one.slug < other.slug ? -1 : 1);
}

/** A slug that the file's text gives, as people usually write it. JavaScript would have to be run. */
async function ownSlug(file: string): Promise<string | null> {
  if (/\.[jt]s$/iu.test(file)) return null;
  try {
    const text = await Deno.readTextFile(file);
    if (!/\.json$/iu.test(file)) {
      return /^slug[ \t]*:[ \t]*["']?([a-z0-9_-]+)["']?[ \t]*(?:#.*)?$/mu.exec(text)?.[1] ?? null;
    }
    const definition: unknown = JSON.parse(text);
    return typeof definition === "object" && definition !== null && "slug" in definition &&
        typeof definition.slug === "string"
      ? definition.slug
      : null;
  } catch {
    return null;
  }
}
