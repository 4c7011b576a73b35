/** The table's columns that a file fills, or could fill. */
import { fillsOnlyNamed } from "../../../importer/column_mapping.ts";
import type { Definition } from "../../../importer/definition.ts";
import { normaliseName } from "../../../importer/key.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";
import { SourceNames } from "../../../report/source_names.ts";

export interface MappingRow {
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  readonly from: readonly string[];
  /** Another column of the file may fill it. */
  readonly isFree: boolean;
}

export interface Allowed {
  /** Null: a table without an importer. */
  readonly definition: Definition | null;
  /** The token is limited to some importers, and so to the columns that they fill. */
  readonly isLimited: boolean;
}

/** So many columns that nothing fills are listed. */
const MOST_UNFILLED = 100;

/** What is filled comes first. If the file doesn't fit, `from` is what has the column's name. */
export function mappingRows(
  { mapping, header, table_columns: columns }: PreviewReport,
  { definition, isLimited }: Allowed,
): readonly MappingRow[] {
  const rules = definition?.columns ?? {};
  const ruleOf = (name: string) => Object.hasOwn(rules, name) ? rules[name] : null;
  const mayFill = (name: string) =>
    !isLimited || definition === null || !fillsOnlyNamed(definition) || ruleOf(name) !== null;
  const filled = (mapping ?? []).map(({ constant, ...row }) => ({
    ...row,
    isFree: constant !== true && mayFill(row.column),
  }));
  const known = new Set(filled.map(({ column }) => column));
  const others = (columns ?? []).filter(({ name }) => !known.has(name) && mayFill(name))
    .filter(({ name }) => ruleOf(name) === null || ruleOf(name)?.value === null)
    .map(({ name, type, required }) => ({
      ...{ column: name, type, required, isFree: true },
      from: mapping === null ? namedLike(name, header, definition) : [],
    }));
  return [...filled, ...others.slice(0, mapping === null ? undefined : MOST_UNFILLED)];
}

function namedLike(
  name: string,
  header: readonly string[],
  definition: Definition | null,
): readonly string[] {
  const fields = definition !== null
    ? new SourceNames({ definition, header }).fieldsOf(name)
    : [...header.keys()].filter((field) => normaliseName(header[field]) === normaliseName(name))
      .slice(0, 1);
  return fields.map((field) => header[field]);
}
