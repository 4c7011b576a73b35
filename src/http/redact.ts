/** Definitions as others may see them. */
import type { Definition } from "../importer/definition.ts";
import { publicPath } from "./source_path.ts";

const SECRET_NAME = /password|passwd|secret|token|authorization|credential|api[-_]?key|cookie/iu;

const HIDDEN = "[redacted]";

/** The definition without what is secret in it, and without paths of this machine. */
export function redact(definition: Definition, sourceFolder: string | null) {
  const { path } = definition.source;
  const shown = path === null
    ? definition
    : { ...definition, source: { ...definition.source, path: publicPath(sourceFolder, path) } };
  const { slug, table, description } = definition;
  return { ...redactValue(shown) as Record<string, unknown>, slug, table, description };
}

/** Columns may be called `token`: only texts and their lists are values to hide. */
function redactValue(value: unknown, name = ""): unknown {
  if (typeof value === "string") {
    return SECRET_NAME.test(name) ? HIDDEN : value.replace(/(:\/\/)[^/@\s]*@/gu, `$1${HIDDEN}@`);
  }
  if (Array.isArray(value)) return value.map((item) => redactValue(item, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, redactValue(item, key)]),
  );
}
