/** The files of a run's hooks: the one that the definition names, and those that it imports. */
import { createHash } from "node:crypto";
import { dirname, resolve } from "node:path";

/** More than so many files are no hooks. */
const MOST_FILES = 1_000;

/** `import … from "x"`, `export … from "x"`, `import "x"` and `import("x")`. */
const IMPORTS =
  /(?:^|[\n;])\s*(?:import|export)\b[^;"'`()]*?\bfrom\s*["']([^"'\n]+)["']|(?:^|[\n;])\s*import\s*["']([^"'\n]+)["']|\bimport\s*\(\s*["']([^"'\n]+)["']\s*\)/gu;

/**
 * A checksum of the file and of all that it imports from files beside it. What isn't there has none:
 * loading tells about it. Throws what reading `path` throws.
 */
export async function checksumOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  const seen = new Set([path]);
  for (const file of seen) {
    let bytes: Uint8Array;
    try {
      bytes = await Deno.readFile(file);
    } catch (error) {
      if (file === path) throw error;
      continue;
    }
    hash.update(`${bytes.length}\n`).update(bytes);
    for (const name of importsOf(new TextDecoder().decode(bytes))) {
      if (isBeside(name) && seen.size < MOST_FILES) seen.add(resolve(dirname(file), name));
    }
  }
  return hash.digest("hex");
}

/** What a file imports that is no file beside it, such as a package; null if there is nothing. */
export async function foreignImport(path: string): Promise<string | null> {
  const seen = new Set([path]);
  for (const file of seen) {
    const text = await Deno.readTextFile(file).catch(() => "");
    for (const name of importsOf(text)) {
      if (isBeside(name)) { if (seen.size < MOST_FILES) seen.add(resolve(dirname(file), name)); }
      else if (!name.startsWith("node:")) return name;
    }
  }
  return null;
}

function importsOf(text: string): readonly string[] {
  return [...text.matchAll(IMPORTS)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic);
}

function isBeside(name: string): boolean {
  return name.startsWith("./") || name.startsWith("../");
}
