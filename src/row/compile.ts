/** Compiles a definition, a file's header and the target table into a pipeline for rows. */
import { type ColumnRule, DEFAULT_COLUMN, type Definition } from "../importer/definition.ts";
import { mappedRules, mappedTo } from "../importer/column_mapping.ts";
import { findNamed } from "../importer/cut_name.ts";
import { keyTarget } from "../importer/key.ts";
import { keyPredicate } from "../importer/key_predicate.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
import type { RecordCursor } from "../source/record.ts";
import type { NullWords } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import { findAlias, findName, isSameName, listed, suggesting } from "./header_names.ts";
import type { MappedColumn } from "./mapped_column.ts";
import { onlyInserts, writableColumn } from "./mapping.ts";
import { DefinitionMismatch, HeaderMismatch } from "./mismatch.ts";
import type { RowError } from "./outcome.ts";
import type { ColumnProgram, ColumnWriter, RowPipeline } from "./pipeline.ts";
import { compileColumn } from "./compile_column.ts";
import { planCondition } from "./plan_condition.ts";
import type { RowWriter } from "./row_writer.ts";
import { compileChildren } from "./related/compile_children.ts";
import { compileList } from "./related/compile_list.ts";
import { mapRunColumns } from "./run_mapping.ts";

export { DefinitionMismatch, HeaderMismatch } from "./mismatch.ts";
export type { PipelineContext } from "./column_plan.ts";

/** For `update_if_newer`: the column that says how new each row is. */
export interface CompareColumn {
  /** The table's column that it is compared with. */
  readonly target: string;
  /** Index in `programs`. */
  readonly column: number;
  /** The program is the last one and fills no column of the table. */
  readonly stagingOnly: boolean;
}

export interface CompiledPipeline extends RowPipeline {
  /** One sentence each, for the user who started the run, such as about missing columns. */
  readonly warnings: readonly string[];
  /** The definition's key as target columns, in its order. */
  readonly keyColumns: readonly string[];
  /** SQL: which rows of the table count for the key; null if all do. */
  readonly keyPredicate: string | null;
  /** Those of them that find a row, but are not written. */
  readonly onlyCompared: readonly string[];
  /** Columns that an update leaves as they are if the row's value is NULL. */
  readonly kept: readonly string[];
  /** Null for strategies other than `update_if_newer`. */
  readonly compare: CompareColumn | null;
  /** Columns of the stage that come after all others: what belongs to a row, for other tables. */
  readonly related: readonly RelatedColumn[];
}

export type RelatedColumn =
  & { readonly program: ColumnProgram }
  & (
    /** Its place in the definition's `many` … */
    | { readonly many: number }
    /** … or in its `nested`, with what is compiled of the children. */
    | { readonly nested: number; readonly pipeline: CompiledPipeline }
  );

/**
 * Throws HeaderMismatch if this file can't be imported this way, DefinitionMismatch if no file can.
 */
export function compilePipeline(
  definition: Definition,
  header: readonly string[],
  table: Table,
  context: PipelineContext,
): CompiledPipeline {
  const explicit = definition.columns ?? {};
  const explicitKeys = new Set(definition.key.map((entry) => explicitTarget(entry, explicit)));
  const { columns, warnings } = mapRunColumns(
    definition,
    header,
    table,
    (target) => explicitKeys.has(target) || isNamedKey(definition, table, target),
  );
  const keyColumns = resolveKey(definition, header, columns);
  const unfilled = unfilledColumns(definition, table, columns);
  const mayBeNull = nullKeyColumns(table, keyColumns);
  const nulls = nullWordsFor(definition.source, context);
  const plans: ColumnPlan[] = columns.map(({ column, rule, fields }) => {
    const identifies = keyColumns.includes(column.name) && !mayBeNull.includes(column.name);
    // A row without a time is not newer than any other.
    const compares = column.name === definition.compare?.target;
    const takesDefault = (fields.length > 0 || isConditional(rule)) &&
      becomesDefault(rule, column, identifies || compares);
    // Without a value, a row may stay as it is, and a trigger may fill it in or take the row.
    const isNeeded = column.notNull && !isKept(rule) && !table.hasBeforeInsertTriggers;
    const mustHave = !takesDefault && (isNeeded || identifies);
    return {
      ...{ target: column.name, column, rule, fields, takesDefault },
      required: rule.required || mustHave,
      lookup: table.lookups?.[column.name],
      ...planCondition(column.name, rule, mustHave, header, nulls, context),
    };
  });
  const compare = compareColumn(definition, header, table, plans);
  const programs = plans.map((plan) => compileColumn(plan, nulls, context))
    // What hooks leave of a row is known outside of the kernel only.
    .map((program) => context.isHooked === true ? { ...program, bytes: null } : program);
  const notes: string[] = [];
  const place = { definition, header, table, nulls, context, warnings: notes };
  const lists = (definition.many ?? []).flatMap((rule, many) => {
    const program = compileList(rule, many, place);
    return program === null ? [] : [{ program, many }];
  });
  const families = (definition.nested ?? []).flatMap((rule, nested) => {
    const compiled = compileChildren(rule, nested, { ...place, compile: compilePipeline });
    return compiled === null ? [] : [{ ...compiled, nested }];
  });
  const related: readonly RelatedColumn[] = [...lists, ...families];
  return {
    programs,
    related,
    process: rowProcessor([...programs, ...related.map(({ program }) => program)]),
    warnings: [...warnings, ...unfilled, ...notes],
    keyColumns,
    keyPredicate: predicateOf(definition, table, keyColumns),
    kept: columns.filter(({ rule }) => isKept(rule)).map(({ column }) => column.name),
    onlyCompared: columns.filter(({ written }) => !written).map(({ column }) => column.name),
    compare,
  };
}

/** Where the source says itself what is null, an empty text is only null if the definition says so. */
function nullWordsFor(
  { null_values: words, unquoted_nulls: unquoted = [], empty_is_null }: Definition["source"],
  { isTyped, namesNulls }: PipelineContext,
): NullWords {
  const isDefault = words.length === 1 && words[0] === "" && empty_is_null !== true;
  const isTold = isTyped === true || namesNulls === true;
  return { anywhere: isTold && isDefault ? [] : words, unquoted };
}

/** Throws DefinitionMismatch. */
function predicateOf(
  { key_where: where = null }: Definition,
  table: Table,
  key: readonly string[],
): string | null {
  if (where === null) return null;
  const found = keyPredicate(table, key, where);
  if ("predicate" in found) return found.predicate;
  throw new DefinitionMismatch(`key: ${found.sentence}.`);
}

function isKept(rule: ColumnRule): boolean {
  return rule.on_update === "keep";
}

function isConditional({ when = null }: ColumnRule): boolean {
  return when !== null;
}

/**
 * Does a missing value become the DEFAULT of the table's column? NULL could never be right in a
 * column that is NOT NULL. But a row's key has to be in the file.
 */
function becomesDefault(rule: ColumnRule, column: TableColumn, identifies: boolean): boolean {
  const { defaultExpression = null } = column;
  if (defaultExpression === null || rule.default !== null) return false;
  if (rule.required && !isConditional(rule)) return false;
  const { empty = null } = rule;
  if (empty !== null) return empty === "default";
  return column.notNull && !identifies && !isKept(rule);
}

/** Processes all columns of a row and collects the errors of each. */
function rowProcessor(programs: readonly ColumnProgram[]): RowPipeline["process"] {
  let errors: RowError[] = [];
  return (record: RecordCursor, out: RowWriter, writers: readonly ColumnWriter[] = programs) => {
    if (record.defect !== null) {
      return [{
        code: record.defect.code,
        message: record.defect.message,
        column: null,
        value: record.defect.value ?? null,
      }];
    }
    const start = out.length;
    for (let i = 0; i < writers.length; i++) {
      if (i > 0) out.separator();
      writers[i].write(record, out, errors);
    }
    if (errors.length === 0) {
      out.endRow();
      return null;
    }
    out.truncate(start);
    const found = errors;
    errors = [];
    return found;
  };
}

function explicitTarget(entry: string, columns: Readonly<Record<string, ColumnRule>>) {
  const exact = keyTarget(entry, columns);
  if (exact !== null) return exact;
  return Object.keys(columns).find((target) =>
    columns[target].from.some((name) => isSameName(name, entry))
  ) ?? null;
}

/** Does the key have a column that only the run's mapping fills? */
function isNamedKey(definition: Definition, table: Table, target: string): boolean {
  return mappedTo(definition, target) !== undefined &&
    definition.key.some((entry) => findNamed(table.columns, entry)?.name === target);
}

function resolveKey(
  definition: Definition,
  header: readonly string[],
  columns: readonly MappedColumn[],
): readonly string[] {
  const explicit = definition.columns ?? {};
  return definition.key.map((entry) => {
    const field = findName(header, entry);
    const target = explicitTarget(entry, explicit) ??
      findNamed(columns.map(({ column }) => column), entry)?.name ??
      columns.find(({ fields }) => field >= 0 && fields.includes(field))?.column.name;
    if (target !== undefined) return target;
    throw new HeaderMismatch(
      `The file has no column for the key ${JSON.stringify(entry)}; it has ${listed(header)}` +
        suggesting([entry], header),
    );
  });
}

/** Key columns that may be NULL, because a unique index on the key treats NULL as a value. */
function nullKeyColumns(table: Table, key: readonly string[]): readonly string[] {
  const index = table.uniqueIndexes.find((each) =>
    each.nullsNotDistinct && each.columns !== null && each.columns.length === key.length &&
    each.columns.every((name) => key.includes(name))
  );
  return index?.columns ?? [];
}

/**
 * Refuses or warns about NOT NULL columns without a default that the file doesn't fill. If columns
 * are matched by name, this is only known once the file's header is.
 */
function unfilledColumns(
  definition: Definition,
  table: Table,
  columns: readonly MappedColumn[],
): readonly string[] {
  if (definition.columns !== null && definition.options.unmapped !== "auto") return [];
  if (definition.on_missing !== "insert") return [];
  const names = table.columns
    .filter(({ notNull, hasDefault, readonly }) => notNull && !hasDefault && !readonly)
    .map(({ name }) => name)
    .filter((name) => !columns.some(({ column }) => column.name === name));
  if (names.length === 0) return [];
  const message = `The file has no column for ${listed(names)}, which ${table.name} requires`;
  // A trigger may fill them.
  if (onlyInserts(definition) && !table.hasBeforeInsertTriggers) {
    throw new HeaderMismatch(`${message}: no row could be inserted.`);
  }
  return [`${message}: new rows may fail.`];
}

/** Finds the program that writes the compare value, or adds one to `plans`. */
function compareColumn(
  definition: Definition,
  header: readonly string[],
  table: Table,
  plans: ColumnPlan[],
): CompareColumn | null {
  if (definition.on_duplicate !== "update_if_newer" || definition.compare === null) return null;
  const { source, target } = definition.compare;
  const field = compareField(source, definition, header);
  const isCompare = (plan: ColumnPlan) => plan.fields.length === 1 && plan.fields[0] === field;
  const mapped = plans.findIndex((plan) => plan.target === target && isCompare(plan));
  if (mapped >= 0) return { target, column: mapped, stagingOnly: false };
  // Use the rule of a column filled from the same field, so that a format is written only once.
  const rule = plans.find((plan) => isCompare(plan))?.rule ?? DEFAULT_COLUMN;
  let name = "ingest_compare";
  while (table.columns.some((column) => column.name === name)) name += "_";
  plans.push({
    target: name,
    column: writableColumn(table, target),
    rule: { ...rule, required: false, when: null },
    fields: [field],
    required: false,
    takesDefault: false,
  });
  return { target, column: plans.length - 1, stagingOnly: true };
}

function compareField(source: string, definition: Definition, header: readonly string[]): number {
  const direct = findName(header, source);
  if (direct >= 0) return direct;
  const target = explicitTarget(source, definition.columns ?? {});
  const aliases = target === null ? [] : mappedRules(definition)[target].from;
  const field = findAlias(header, aliases);
  if (field >= 0) return field;
  throw new HeaderMismatch(
    `The file has no column ${JSON.stringify(source)} to compare by; it has ${listed(header)}` +
      suggesting([source], header),
  );
}
