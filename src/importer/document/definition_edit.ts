/** Small changes of a definition: as data, and in a definition that is complete. */
import { type ColumnRule, DEFAULT_COLUMN, type Definition } from "../definition.ts";
import { DEFAULT_SOURCE } from "../complete/complete_source.ts";
import { parseDefinition } from "../parse.ts";

/** As JSON has it, and as a definition's file says it. */
export type Json = string | number | boolean | null | readonly Json[] | {
  readonly [key: string]: Json;
};

/** A change of one key of a column, or of `source`. */
export interface DefinitionEdit {
  readonly at: { readonly column: string; readonly key: string } | { readonly source: string };
  /**
   * `set` replaces the value. `append` adds to a list, which one value alone also is; `add` adds
   * entries to a mapping.
   */
  readonly change:
    | { readonly set: Json }
    | { readonly append: readonly Json[] }
    | { readonly add: Readonly<Record<string, Json>> };
}

/** Where the file says it. */
export function pathOf({ at }: DefinitionEdit): readonly string[] {
  return "source" in at ? ["source", at.source] : ["columns", at.column, at.key];
}

/** `sourceOf`: the file's name for a column about which the definition says nothing. */
export function withEdits(
  definition: Definition,
  edits: readonly DefinitionEdit[],
  sourceOf: (column: string) => string,
): Definition {
  return edits.reduce((changed, edit) => withEdit(changed, edit, sourceOf), definition);
}

function withEdit(
  definition: Definition,
  { at, change }: DefinitionEdit,
  sourceOf: (column: string) => string,
): Definition {
  if ("source" in at) {
    if ("set" in change && typeof change.set !== "object") {
      return { ...definition, source: { ...definition.source, [at.source]: change.set } };
    }
    const { source } = completed({ source: { [at.source]: valueOf(change) } });
    const key = at.source as keyof typeof source;
    const value = merged(definition.source[key], source[key], change);
    return { ...definition, source: { ...definition.source, [key]: value } };
  }
  const { column, key } = at;
  const rules = definition.columns ?? {};
  const rule = Object.hasOwn(rules, column)
    ? rules[column]
    : { ...DEFAULT_COLUMN, from: [sourceOf(column)] };
  const named = key as keyof ColumnRule;
  // A text, a number or a flag means what it says; a list may have short forms.
  const value = "set" in change && typeof change.set !== "object" ? change.set : merged(
    rule[named],
    completed({ columns: { [column]: { from: "x", [key]: valueOf(change) } } }).columns
      ?.[column][named],
    change,
  );
  const isNew = !Object.hasOwn(rules, column);
  return {
    ...definition,
    columns: { ...rules, [column]: { ...rule, [named]: value } },
    // Otherwise, columns that are not listed would no longer be filled.
    options: isNew && definition.columns === null
      ? { ...definition.options, unmapped: "auto" }
      : definition.options,
  };
}

/** Does the definition say that already? */
export function saysAlready(definition: Definition, { at, change }: DefinitionEdit): boolean {
  const parts: Readonly<Record<string, unknown>> | undefined = "source" in at
    ? { ...definition.source }
    : { ...definition.columns?.[at.column] };
  const now = parts["source" in at ? at.source : at.key];
  const blank = { ...definition, source: DEFAULT_SOURCE, columns: {} };
  const edited = withEdit(blank, { at, change }, () => "x");
  const said: Readonly<Record<string, unknown>> = "source" in at
    ? { ...edited.source }
    : { ...edited.columns?.[at.column] };
  const wanted = said["source" in at ? at.source : at.key];
  const text = (value: unknown) => JSON.stringify(value);
  if ("append" in change && Array.isArray(now) && Array.isArray(wanted)) {
    const known = new Set(now.map(text));
    return wanted.every((each) => known.has(text(each)));
  }
  if ("add" in change) {
    return Object.entries(wanted ?? {}).every(([key, value]) =>
      text((now as Record<string, unknown> | null)?.[key]) === text(value)
    );
  }
  return text(now) === text(wanted);
}

function valueOf(change: DefinitionEdit["change"]): Json {
  return "set" in change ? change.set : "append" in change ? change.append : change.add;
}

function merged(before: unknown, now: unknown, change: DefinitionEdit["change"]): unknown {
  if ("append" in change) return [...(Array.isArray(before) ? before : []), ...now as unknown[]];
  if ("add" in change) return { ...before as object, ...now as object };
  return now;
}

/** A definition of these parts, as the program reads it. */
function completed(parts: Readonly<Record<string, Json>>): Definition {
  const parsed = parseDefinition(JSON.stringify({ table: "t", ...parts }), "edit.json");
  if ("definition" in parsed) return parsed.definition;
  throw new Error(parsed.problems.map(({ message }) => message).join(" "));
}

/** A value as it stands in a definition in YAML, on one line. */
export function inlineYaml(value: Json): string {
  if (typeof value === "string") return yamlText(value);
  if (Array.isArray(value)) return `[${value.map(inlineYaml).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value);
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, each]) => `${yamlText(key)}: ${inlineYaml(each)}`).join(", ")} }`;
}

/** With quotes where YAML, or the reader, would take it for something else. */
function yamlText(text: string): string {
  const isPlain = /^[A-Za-z][A-Za-z0-9_./ -]*$/u.test(text) && !text.endsWith(" ") &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/iu.test(text);
  if (isPlain) return text;
  // Patterns are full of backslashes.
  return text.includes("\\") && !/['\p{Cc}]/u.test(text) ? `'${text}'` : JSON.stringify(text);
}
