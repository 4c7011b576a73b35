/** How the file calls the columns of the table: messages name both. */
import type { Definition } from "../importer/definition.ts";
import { mappedRules, mappedTo } from "../importer/column_mapping.ts";
import { normaliseName } from "../importer/key.ts";
import { routeDefinitions } from "../importer/routes/routes.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { readRunTable, shapesOf } from "../ledger/runs/run_tables.ts";
import type { Run } from "../ledger/runs/runs.ts";
import { findAlias, findName } from "../row/header_names.ts";
import { displayName, displayText } from "../source/display_text.ts";

/** In characters. Rows and their errors name the file's columns, each time anew. */
const LONGEST_NAME = 1_000;

/** The names of a header as reports have them: never the same for two columns that differ. */
export function reportedName(name: string, field: number): string {
  const shown = displayText(name);
  if (shown.length <= LONGEST_NAME) return shown;
  return `${shown.slice(0, LONGEST_NAME).toWellFormed()}… (column ${field + 1})`;
}

export class SourceNames {
  readonly #definition: Definition;
  readonly #header: readonly string[];
  readonly #known = new Map<string, string | null>();

  constructor({ definition, header }: Pick<Run, "definition" | "header">) {
    this.#definition = definition;
    this.#header = header;
  }

  /**
   * The file's column, or columns, that fill a column of the table; null if none does. Columns of
   * the same name in several tables may be filled by others in each: `No or Order`.
   */
  of(target: string): string | null {
    const known = this.#known.get(target);
    if (known !== undefined) return known;
    const names = this.#fieldsByTable(target).flatMap((fields) =>
      fields.length === 0
        ? []
        : [fields.map((field) => reportedName(this.#header[field], field)).join(", ")]
    );
    const name = names.length === 0 ? null : [...new Set(names)].join(" or ");
    this.#known.set(target, name);
    return name;
  }

  /** `E-Mail field (email)`, or `email field` where the file calls it the same. */
  field(target: string): string {
    const own = this.shown(target);
    return own === null ? `${target} field` : `${own} field (${target})`;
  }

  /** `E-Mail (email)`, or `email`. */
  column(target: string): string {
    const own = this.shown(target);
    return own === null ? target : `${own} (${target})`;
  }

  /** What the file calls it, for a sentence. Null if the file calls it the same. */
  shown(target: string): string | null {
    const name = this.of(target);
    if (name === null || name === target) return null;
    return displayName(name);
  }

  /**
   * Those columns by their place in the header, from 0. As `mapColumns` decides, without the table: it
   * has the column, as an error names it.
   */
  fieldsOf(target: string): readonly number[] {
    return [...new Set(this.#fieldsByTable(target).flat())];
  }

  #fieldsByTable(target: string): readonly (readonly number[])[] {
    return routeDefinitions(this.#definition).map((own) => this.#fieldsIn(own, target));
  }

  /** Of one table. */
  #fieldsIn(definition: Definition, target: string): readonly number[] {
    const { columns, options, many } = definition;
    const rules = mappedRules(definition);
    if (Object.hasOwn(rules, target)) {
      const rule = rules[target];
      if (rule.value !== null) return [];
      const found = rule.from.map((name) => findName(this.#header, name));
      // A look-up of several columns reads all of them.
      const joins = rule.concat !== null || rule.transform.some(({ op }) => op === "concat") ||
        (rule.lookup?.match.length ?? 1) > 1;
      const fields = joins ? found : [findAlias(this.#header, rule.from)];
      return fields.filter((field) => field >= 0);
    }
    // Errors call a list by the first of its names.
    const list = many?.find(({ from }) => from[0] === target);
    if (list !== undefined) return [findAlias(this.#header, list.from)].filter((at) => at >= 0);
    if (columns !== null && options.unmapped !== "auto") return [];
    if (mappedTo(definition, target) === null) return [];
    const wanted = normaliseName(target);
    const same = [...this.#header.entries()].filter(([, name]) => normaliseName(name) === wanted);
    const [field] = same.find(([, name]) => name === target) ?? same[0] ??
      [findName(this.#header, target)];
    return field < 0 ? [] : [field];
  }
}

/** What a run's file calls columns of the table, where it calls them otherwise. */
export async function otherNames(
  ledger: Ledger,
  run: Run,
): Promise<Readonly<Record<string, string>>> {
  const names = new SourceNames(run);
  const table = await readRunTable(ledger, run.id);
  const targets = new Set([
    ...Object.keys(mappedRules(run.definition)),
    ...shapesOf(table?.shape).flatMap(({ columns }) => columns.map(({ name }) => name)),
  ]);
  return Object.fromEntries([...targets].flatMap((target) => {
    const name = names.shown(target);
    return name === null ? [] : [[target, name]];
  }));
}
