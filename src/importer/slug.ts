import { basename, extname } from "node:path";

/** Slugs appear in URLs, file names and the ledger. */
const SLUG = /^[a-z0-9][a-z0-9_-]*$/u;

export const A_SLUG = "lowercase letters, digits, `-` and `_`";

export function isSlug(text: string): boolean {
  return SLUG.test(text);
}

/** From `importers/customers.yaml` to `customers`. */
export function slugOfFile(file: string): string {
  return basename(file, extname(file));
}

/** Is it the name of a file with a definition? */
export function isDefinitionName(name: string): boolean {
  return /\.(?:ya?ml|json|js|ts)$/iu.test(name) &&
    !/\.(?:hooks\.[jt]s|d\.ts|test\.(?:ya?ml|json))$/iu.test(name) &&
    !name.startsWith(".");
}

/** The compiled program has no TypeScript. */
export function canLoad(file: string): boolean {
  return !Deno.build.standalone || !/\.ts$/iu.test(file);
}

/** The slug closest to `text`. Empty if no character of it can be kept. */
export function toSlug(text: string): string {
  return text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/[^a-z0-9_]+/gu, "-")
    .replace(/^[-_]+|-+$/gu, "");
}

/** Names of files may have 255 bytes, with their endings. */
const LONGEST_SLUG = 100;
/** Windows opens a device instead of a file that is called like this, whatever its ending. */
const DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9])$/u;

/** Why a new importer can't be called that; null if it can. */
export function slugFault(text: string): string | null {
  if (!isSlug(text)) return `expected ${A_SLUG}, beginning with a letter or digit`;
  if (text.length > LONGEST_SLUG) return `expected at most ${LONGEST_SLUG} characters`;
  return DEVICE.test(text) ? "no file may have this name on Windows" : null;
}
