/** Makes definitions fit for clients. */
import type { ColumnRule, Definition } from "../../importer/definition.ts";
import { withoutPaths } from "./public_words.ts";
import { publicPath } from "../requests/source_path.ts";

const SECRET_NAME = /password|passwd|secret|token|authorization|credential|api[-_]?key|cookie/iu;

const HIDDEN = "[redacted]";

/** The definition without its secrets, and without paths of this machine. */
export function redact(definition: Definition, sourceFolder: string | null): Definition {
  const { source, slug, table, columns } = definition;
  const path = source.path === null ? null : publicPath(sourceFolder, source.path);
  const folder = source.folder && {
    ...source.folder,
    done: publicPath(sourceFolder, source.folder.done),
    failed: publicPath(sourceFolder, source.folder.failed),
  };
  const description = definition.description === null
    ? null
    : withoutPaths(redactText(definition.description));
  // Only texts are replaced, so the shape stays.
  const shown = redactValue({
    ...definition,
    source: { ...source, path, ...folder && { folder } },
    ...definition.hooks && { hooks: { file: definition.hooks.file } },
    columns: {},
  });
  return {
    ...shown as Definition,
    ...{ slug, table, description },
    columns: columns && Object.fromEntries(
      Object.entries(columns).map(([name, rule]) => [name, redactColumn(name, rule)]),
    ),
  };
}

/**
 * Columns may be called `token`, and so may their source columns. In such a column only the values
 * that the definition itself gives are secret.
 */
function redactColumn(name: string, rule: ColumnRule): ColumnRule {
  const shown = redactValue(rule, "columns") as ColumnRule;
  if (!SECRET_NAME.test(name)) return shown;
  const hide = (value: string | null) => value === null ? null : HIDDEN;
  return { ...shown, value: hide(rule.value), default: hide(rule.default) };
}

function redactValue(value: unknown, name = ""): unknown {
  if (typeof value === "string") return SECRET_NAME.test(name) ? HIDDEN : redactText(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, name));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    // The keys of a `map` are values, not names.
    Object.entries(value).map(([key, item]) => [
      key,
      redactValue(item, name === "map" || name === "values" ? name : key),
    ]),
  );
}

/** Secrets in URLs: before the host, and in the query. */
function redactText(text: string): string {
  return text.replace(/(:\/\/)[^/\s]*@/gu, `$1${HIDDEN}@`)
    .replace(/([?&]([^=&\s]+)=)[^&#\s]+/gu, (whole, start: string, name: string) => {
      return SECRET_NAME.test(name) ? start + HIDDEN : whole;
    });
}
