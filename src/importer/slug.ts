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
  return /\.(?:ya?ml|json|js|ts)$/iu.test(name) && !/\.(?:hooks\.[jt]s|d\.ts)$/iu.test(name) &&
    !name.startsWith(".");
}

/** The slug closest to `text`. Empty if no character of it can be kept. */
export function toSlug(text: string): string {
  return text.normalize("NFKD").toLowerCase().replace(/\p{M}/gu, "").replace(/[^a-z0-9_]+/gu, "-")
    .replace(/^[-_]+|-+$/gu, "");
}
