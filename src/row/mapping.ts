/** Which columns of the file fill which columns of the table. */
import type { ColumnRule, Definition } from "../importer/definition.ts";
import { mappedRules, mappedTo } from "../importer/column_mapping.ts";
import { isCutName } from "../importer/against_table/cut_name.ts";
import { normaliseName } from "../importer/key.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
import { conditionFields } from "./compile_condition.ts";
import { mustSayIdentity } from "../importer/against_table/column_against_table.ts";
import { identityUse } from "./identity.ts";
import type { MappedColumn } from "./mapped_column.ts";
import { matchByName } from "./match_by_name.ts";
import { findAlias, findName, listed, quotedList, suggesting } from "./header_names.ts";
import { DefinitionMismatch, HeaderMismatch } from "./mismatch.ts";
import { joinedBy } from "./prepare.ts";

export interface Mapping {
  readonly columns: readonly MappedColumn[];
  readonly warnings: readonly string[];
}

/**
 * Throws HeaderMismatch, DefinitionMismatch.
 * @param isKey whether the column belongs to the key, so that every row needs it
 */
export function mapColumns(
  definition: Definition,
  header: readonly string[],
  table: Table,
  isKey: (target: string) => boolean,
): Mapping {
  const columns: MappedColumn[] = [];
  const warnings: string[] = [];
  for (const [target, rule] of Object.entries(mappedRules(definition))) {
    const column = writableColumn(table, target);
    const given = rule.value === null ? quotedList(rule.from) : `of ${target}`;
    const isWritten = Object.hasOwn(definition.columns ?? {}, target);
    const { use, warning } = identityUse(definition, table, {
      column,
      given,
      isKey: isKey(target),
      isMapped: isWritten,
    });
    if (use === "unsaid") throw new DefinitionMismatch(mustSayIdentity(target));
    if (warning !== null) warnings.push(warning);
    if (use === "leave") continue;
    const fields = rule.value === null ? fieldsOf(rule, header, definition, warnings) : [];
    if (rule.value === null && fields.length === 0 && rule.default === null) {
      const isLeftOut = mappedTo(definition, target) === null;
      const missing = isLeftOut
        ? mustFill(target, "needed in every row")
        : missingSource(rule, header, column.name);
      // Who names a column for this one file doesn't mean a file that lacks it.
      const isAsked = typeof mappedTo(definition, target) === "string";
      if (isAsked || needsSource(rule, column, definition, table) || isKey(target)) {
        throw new HeaderMismatch(missing);
      }
      if (isLeftOut) continue;
      warnings.push(`${missing} The column is left out.`);
      continue;
    }
    columns.push({ column, rule, fields, written: use === "write" });
  }
  const byName = definition.columns === null || definition.options.unmapped === "auto";
  if (byName) columns.push(...matchByName(definition, header, table, columns, warnings));
  if (!columns.some(({ fields }) => fields.length > 0)) {
    throw new HeaderMismatch(
      `No column of the file matches a column of ${table.name}: ` +
        `the file has ${listed(header, writable(table))}; the table has ${
          listed(writable(table))
        }.`,
    );
  }
  refuseUnmapped(definition, header, columns, table, warnings);
  return { columns, warnings };
}

/** Throws DefinitionMismatch. The definition was checked before, but the table may have changed. */
export function writableColumn(table: Table, name: string): TableColumn {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined) {
    throw new DefinitionMismatch(
      `The table ${table.name} has no column ${JSON.stringify(name)}` +
        suggesting([name], writable(table)),
    );
  }
  if (column.readonly) {
    throw new DefinitionMismatch(`Postgres fills column ${name} itself; it can't be written to.`);
  }
  return column;
}

function fieldsOf(
  rule: ColumnRule,
  header: readonly string[],
  definition: Definition,
  warnings: string[],
): readonly number[] {
  // The mapping says that the file doesn't fill it.
  if (rule.from.length === 0) return [];
  if (comparesSeveral(rule)) return allFields(rule, header, definition);
  if (joinedBy(rule) === null) {
    const found = findAlias(header, rule.from);
    if (found >= 0) return [found];
    if (definition.options.strict_headers) throw new HeaderMismatch(missingSource(rule, header));
    return [];
  }
  const absent = rule.from.filter((name) => findName(header, name) < 0);
  const found = rule.from.map((name) => findName(header, name)).filter((field) => field >= 0);
  if (absent.length > 0) {
    const message = missingSource({ ...rule, from: absent }, header);
    if (definition.options.strict_headers) throw new HeaderMismatch(message);
    if (found.length > 0) warnings.push(`${message} The other columns are joined without it.`);
  }
  return found;
}

/** Is each of its source columns compared with another column of a look-up table? */
export function comparesSeveral({ lookup = null, value }: ColumnRule): boolean {
  return lookup !== null && lookup.match.length > 1 && value === null;
}

/** None if the file lacks one of them. */
function allFields(
  rule: ColumnRule,
  header: readonly string[],
  { options }: Definition,
): readonly number[] {
  const fields = rule.from.map((name) => findName(header, name));
  if (fields.every((field) => field >= 0)) return fields;
  if (options.strict_headers) throw new HeaderMismatch(missingSource(rule, header));
  return [];
}

function missingSource(rule: ColumnRule, header: readonly string[], target?: string): string {
  const purpose = target === undefined ? "" : ` for ${target}`;
  // Of several that are needed together, those that are there are not what is missing.
  const absent = rule.from.filter((name) => findName(header, name) < 0);
  if (comparesSeveral(rule) && absent.length < rule.from.length) {
    return missingSource({ ...rule, from: absent }, header, target);
  }
  return `The file has no column ${quotedList(rule.from)}${purpose}; ` +
    `it has ${listed(header)}${suggesting(rule.from, header)}`;
}

export function mustFill(target: string, because: string): string {
  return `${target} is ${because}: say which column of the file fills it.`;
}

/** Would every row fail without it? Updates don't need values that the table's row already has. */
function needsSource(
  rule: ColumnRule,
  column: TableColumn,
  definition: Definition,
  table: Table,
): boolean {
  if (rule.required) return true;
  return column.notNull && !column.hasDefault && onlyInserts(definition) &&
    !table.hasBeforeInsertTriggers;
}

/** Are rows inserted, and never updated? */
export function onlyInserts({ on_duplicate, on_missing }: Definition): boolean {
  return on_missing === "insert" && on_duplicate !== "update" && on_duplicate !== "update_if_newer";
}

function refuseUnmapped(
  definition: Definition,
  header: readonly string[],
  columns: readonly MappedColumn[],
  table: Table,
  warnings: string[],
): void {
  const used = new Set(columns.flatMap(({ fields, rule, column }) => [
    ...fields,
    ...rule.when ? conditionFields(rule.when, header, column.name) : [],
  ]));
  for (const { from } of definition.many ?? []) used.add(findAlias(header, from));
  for (const { from } of definition.nested ?? []) used.add(findName(header, from));
  const { when } = definition.source;
  if (when !== undefined) {
    for (const field of conditionFields(when, header, "source.when")) used.add(field);
  }
  if (definition.compare !== null) used.add(findName(header, definition.compare.source));
  const names = header.filter((_, field) => !used.has(field));
  if (names.length === 0) return;
  const one = names.length === 1;
  if (definition.options.unmapped === "fail") {
    throw new HeaderMismatch(
      `The file has ${one ? "an unmapped column" : "unmapped columns"}: ${
        listed(names, writable(table))
      }.`,
    );
  }
  // If the definition lists its columns, its author knows which ones it leaves out. File columns
  // that are unused for another reason already have a warning of their own.
  const known = new Set(table.columns.map((column) => normaliseName(column.name)));
  const unknown = names.filter((name) =>
    !known.has(normaliseName(name)) &&
    !table.columns.some((column) => isCutName(column.name, name))
  );
  if (definition.columns === null && unknown.length > 0) {
    warnings.push(
      `The table ${table.name} has no column for: ${listed(unknown, writable(table))}. ${
        unknown.length === 1 ? "It is" : "They are"
      } not imported.`,
    );
  }
}

function writable(table: Table): readonly string[] {
  return table.columns.filter((column) => !column.readonly).map((column) => column.name);
}
