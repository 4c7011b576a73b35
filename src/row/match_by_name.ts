/** Columns of the file that fill the column of the table with their name. */
import { DEFAULT_COLUMN, type Definition } from "../importer/definition.ts";
import { mappedTo } from "../importer/column_mapping.ts";
import { findNamed, isCutName, mayBeCut } from "../importer/against_table/cut_name.ts";
import { normaliseName } from "../importer/key.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
import { findName, quotedList } from "./header_names.ts";
import { identityUse } from "./identity.ts";
import type { MappedColumn } from "./mapped_column.ts";

/** Matches file columns that are not used yet to table columns that are not filled yet. */
export function matchByName(
  definition: Definition,
  header: readonly string[],
  table: Table,
  mapped: readonly MappedColumn[],
  warnings: string[],
): MappedColumn[] {
  const used = new Set(mapped.flatMap(({ fields }) => fields));
  // What the mapping uses elsewhere still fills the column that has its name.
  const isSaid = ({ column }: MappedColumn) => mappedTo(definition, column.name) !== undefined;
  const taken = new Set(
    mapped.filter((each) => !isSaid(each)).flatMap(({ fields }) => fields),
  );
  const filled = new Set(mapped.map(({ column }) => column.name));
  const matched: MappedColumn[] = [];
  const byName = Map.groupBy(table.columns, (column) => normaliseName(column.name));
  const cut = cutColumns(header, table, byName, warnings);
  for (const [field, name] of header.entries()) {
    if (taken.has(field)) continue;
    const wanted = normaliseName(name);
    const same = byName.get(wanted) ?? [];
    const column = same.find((each) => each.name === name) ??
      same.find((each) => !filled.has(each.name)) ?? same[0] ?? cut.get(field);
    if (wanted === "" || column === undefined) continue;
    if (mappedTo(definition, column.name) === null) continue;
    if (used.has(field) && (column.readonly || filled.has(column.name))) continue;
    if (column.readonly) {
      warnings.push(
        `File column ${JSON.stringify(name)} is not used: Postgres fills ${column.name} itself.`,
      );
    } else if (filled.has(column.name)) {
      warnings.push(
        `File column ${JSON.stringify(name)} is not used: ${column.name} is already filled.`,
      );
    } else {
      filled.add(column.name);
      const isKey = definition.key.some((entry) =>
        findNamed(table.columns, entry) === column || findName(header, entry) === field
      );
      const given = JSON.stringify(name);
      const { use, warning } = identityUse(definition, table, {
        column,
        given,
        isKey,
        isMapped: false,
      });
      if (warning !== null) warnings.push(warning);
      if (use === "leave") continue;
      matched.push({ column, rule: DEFAULT_COLUMN, fields: [field], written: use === "write" });
    }
  }
  return matched;
}

/** The columns whose names Postgres has cut, by the fields that have the whole names. */
function cutColumns(
  header: readonly string[],
  table: Table,
  whole: ReadonlyMap<string, unknown>,
  warnings: string[],
): ReadonlyMap<number, TableColumn> {
  const columns = new Map<number, TableColumn>();
  for (const column of table.columns.filter(({ name }) => mayBeCut(name))) {
    const fields = [...header.keys()].filter((field) =>
      isCutName(column.name, header[field]) && !whole.has(normaliseName(header[field]))
    );
    if (fields.length === 1) columns.set(fields[0], column);
    if (fields.length < 2) continue;
    const names = quotedList(fields.map((field) => header[field])).replace(
      / or (?=[^,]*$)/u,
      " and ",
    );
    warnings.push(
      `File columns ${names} are not used: Postgres cuts their names to the same ${column.name}. ` +
        "A definition can say which one fills it.",
    );
  }
  return columns;
}
