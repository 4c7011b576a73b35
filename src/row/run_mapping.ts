/** What a run's request says about its columns: whether it can be, and what differs by it. */
import type { MappedColumn } from "./mapped_column.ts";
import type { Definition } from "../importer/definition.ts";
import type { Table } from "../load/catalog/table.ts";
import { displayName } from "../source/display_text.ts";
import { findName, listed, suggesting } from "./header_names.ts";
import { comparesSeveral, mapColumns, type Mapping, mustFill, writableColumn } from "./mapping.ts";
import { DefinitionMismatch, HeaderMismatch } from "./mismatch.ts";

/** `mapColumns`, with the run's mapping checked and told. Throws what it throws. */
export function mapRunColumns(
  definition: Definition,
  header: readonly string[],
  table: Table,
  isKey: (target: string) => boolean,
): Mapping {
  if (definition.mapping === undefined) return mapColumns(definition, header, table, isKey);
  checkMapping(definition, header, table, isKey);
  const { columns, warnings } = mapColumns(definition, header, table, isKey);
  const usual = usualColumns(definition, header, table, isKey);
  const changed = describeMapping(definition, header, columns, usual);
  return { columns, warnings: [...warnings, ...changed] };
}

/** Throws HeaderMismatch and DefinitionMismatch. */
function checkMapping(
  { mapping = {}, columns }: Definition,
  header: readonly string[],
  table: Table,
  isKey: (target: string) => boolean,
): void {
  for (const [target, from] of Object.entries(mapping)) {
    writableColumn(table, target);
    if (Object.hasOwn(columns ?? {}, target) && columns?.[target].value !== null) {
      throw new DefinitionMismatch(
        `The definition gives ${target} the same value in every row; the mapping can't change it.`,
      );
    }
    if (
      from !== null && Object.hasOwn(columns ?? {}, target) && comparesSeveral(columns![target])
    ) {
      throw new DefinitionMismatch(
        `The definition looks ${target} up by several columns of the file; the mapping can't change them.`,
      );
    }
    if (from === null && isKey(target)) {
      throw new HeaderMismatch(mustFill(target, "part of the key"));
    }
    if (from === null || findName(header, from) >= 0) continue;
    throw new HeaderMismatch(
      `The file has no column ${JSON.stringify(from)} for ${target}; ` +
        `it has ${listed(header)}${suggesting([from], header)}`,
    );
  }
}

/** As they would be without the run's mapping; null if the file wouldn't fit then. */
function usualColumns(
  { mapping: _, ...definition }: Definition,
  ...fitting: readonly [readonly string[], Table, (target: string) => boolean]
): readonly MappedColumn[] | null {
  try {
    return mapColumns(definition, ...fitting).columns;
  } catch (error) {
    if (error instanceof HeaderMismatch || error instanceof DefinitionMismatch) return null;
    throw error;
  }
}

/** So many columns are named. */
const MOST_NAMED = 10;

/** `usual`: how the columns would be without the mapping; null if the file wouldn't fit. */
function describeMapping(
  { mapping = {} }: Definition,
  header: readonly string[],
  columns: readonly MappedColumn[],
  usual: readonly MappedColumn[] | null,
): readonly string[] {
  const sourceIn = (all: readonly MappedColumn[], target: string) =>
    all.find(({ column }) => column.name === target)?.fields.join() ?? "";
  const changed = Object.keys(mapping).filter((target) =>
    usual === null || sourceIn(columns, target) !== sourceIn(usual, target)
  );
  if (changed.length === 0) return [];
  const texts = changed.slice(0, MOST_NAMED).map((target) => {
    const from = mapping[target];
    if (from === null) return `${target} isn't filled from the file`;
    return `${target} comes from ${JSON.stringify(displayName(header[findName(header, from)]))}`;
  });
  const more = changed.length - texts.length;
  const all = more > 0 ? [...texts, `${more} more are changed`] : texts;
  return [`For this run only, the mapping was changed: ${all.join(", ")}.`];
}
