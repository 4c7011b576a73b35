/** Completes a definition with several tables: each as if it were the only one. */
import { complete } from "../complete/complete.ts";
import { completeCondition } from "../condition/complete.ts";
import type { Definition, RouteRule } from "../definition.ts";
import type { ParsedDefinition } from "../schema.ts";
import { Texts } from "../texts.ts";
import { namedTogether } from "./routes.ts";

/** `written`: as for `complete`. */
export function completeRoutes(
  parsed: ParsedDefinition,
  slug: string,
  written: ReadonlyMap<string, string>,
): Definition {
  const { tables } = parsed;
  if (tables === undefined) return complete(parsed, slug, parsed.table ?? "", written);
  const shared = complete(parsed, slug, namedTogether(tables.map(({ table }) => table)), written);
  const routes = tables.map(({ table, when }, index) => {
    const whole = complete(partsOf(parsed, index), slug, table, writtenIn(written, index));
    const { key, key_where, on_duplicate, on_missing, compare, identity, columns } = whole;
    const path = ["tables", index, "when"];
    const rule: RouteRule = {
      ...{ table, key, key_where, on_duplicate, on_missing, compare, identity, columns },
      when: when === undefined ? null : completeCondition(when, path, new Texts(written)),
    };
    return { rule, source: whole.source };
  });
  const keepsBlanks = routes.some(({ source }) => source.keeps_blanks === true);
  return {
    ...shared,
    source: { ...shared.source, ...keepsBlanks && { keeps_blanks: true } },
    tables: routes.map(({ rule }) => rule),
  };
}

/** What the definition would be for one of its tables: what that says goes before what is shared. */
export function partsOf({ tables = [], ...shared }: ParsedDefinition, index: number) {
  const { when: _, ...own } = tables[index];
  return withColumns<ParsedDefinition>({ ...shared, ...own }, shared.columns, own.columns);
}

/** The same of what was written, whatever it is. */
export function rawPartsOf(
  { tables, ...shared }: Readonly<Record<string, unknown>>,
  index: number,
): Readonly<Record<string, unknown>> {
  const route: unknown = Array.isArray(tables) ? tables[index] : undefined;
  const { when: _, ...own }: Record<string, unknown> = isObject(route) ? route : {};
  return withColumns({ ...shared, ...own }, shared.columns, own.columns);
}

function withColumns<Parts extends { readonly columns?: unknown }>(
  parts: Parts,
  shared: unknown,
  own: unknown,
): Parts {
  return isObject(shared) && isObject(own) ? { ...parts, columns: { ...shared, ...own } } : parts;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As if what one table says were said by the definition. */
function writtenIn(
  written: ReadonlyMap<string, string>,
  index: number,
): ReadonlyMap<string, string> {
  const within = `tables[${index}].`;
  const own = [...written].flatMap(([path, text]): [string, string][] =>
    path.startsWith(within) ? [[path.slice(within.length), text]] : []
  );
  return new Map([...written, ...own]);
}
