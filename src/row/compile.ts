/** Compiles a definition, a file's header and the target table into a pipeline for rows. */
import { type ColumnRule, type Definition } from "../importer/definition.ts";
import type { Table, TableColumn } from "../load/catalog/table.ts";
import type { RecordCursor } from "../source/record.ts";
import type { NullWords } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import { listed } from "./header_names.ts";
import type { MappedColumn } from "./mapped_column.ts";
import { onlyInserts } from "./mapping.ts";
import { HeaderMismatch } from "./mismatch.ts";
import type { RowError } from "./outcome.ts";
import type { ColumnProgram, ColumnWriter, RowPipeline } from "./pipeline.ts";
import { compileColumn } from "./compile_column.ts";
import { planCondition } from "./plan_condition.ts";
import type { RowWriter } from "./row_writer.ts";
import { compileChildren } from "./related/compile_children.ts";
import { compileList } from "./related/compile_list.ts";
import { mapRunColumns } from "./run_mapping.ts";
import { type CompareColumn, compareColumn } from "./compile_compare.ts";
import {
  explicitTarget,
  isNamedKey,
  nullKeyColumns,
  predicateOf,
  resolveKey,
} from "./compile_key.ts";

export { DefinitionMismatch, HeaderMismatch } from "./mismatch.ts";
export type { PipelineContext } from "./column_plan.ts";

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
export function nullWordsFor(
  { null_values: words, unquoted_nulls: unquoted = [], empty_is_null }: Definition["source"],
  { isTyped, namesNulls }: PipelineContext,
): NullWords {
  const isDefault = words.length === 1 && words[0] === "" && empty_is_null !== true;
  const isTold = isTyped === true || namesNulls === true;
  return { anywhere: isTold && isDefault ? [] : words, unquoted };
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
