/**
 * Compiles an entry of `nested` into a column of the stage: a JSON array with an object for each
 * child, whose keys are the numbers of its columns. NULL there means that the file says nothing.
 */
import type { Definition, NestedRule } from "../../importer/definition.ts";
import { childDefinition } from "../../importer/related/child_definition.ts";
import { withoutColumns } from "../../importer/related/children_against_tables.ts";
import type { Table } from "../../load/catalog/table.ts";
import {
  FIELD_NULL,
  FIELD_QUOTED,
  type RecordCursor,
  type RecordReader,
} from "../../source/record.ts";
import { type PipelineContext, withoutFunctions } from "../column_plan.ts";
import { findName, listed } from "../header_names.ts";
import { DefinitionMismatch, HeaderMismatch } from "../mismatch.ts";
import { MAX_VALUE_LENGTH, type RowError } from "../outcome.ts";
import type { ChildrenProgram, ColumnProgram, ColumnWriter } from "../pipeline.ts";
import { type RowWriter, ValueList } from "../row_writer.ts";
import { ChildCursor } from "./child_cursor.ts";
import { type RelatedPlace, stagedJson } from "./related_place.ts";

/** What is compiled of children, as of any rows. */
export interface ChildPipeline {
  readonly programs: readonly ColumnProgram[];
  readonly keyColumns: readonly string[];
  readonly related: readonly { readonly program: ColumnProgram }[];
}

/** Null for an array that the file doesn't have; then `warnings` say so. `compile`: `compilePipeline`. */
export function compileChildren<Pipeline extends ChildPipeline>(
  rule: NestedRule,
  index: number,
  { definition, header, table, context, warnings, compile }: RelatedPlace & {
    readonly compile: (
      definition: Definition,
      header: readonly string[],
      table: Table,
      context: PipelineContext,
    ) => Pipeline;
  },
): { readonly program: ColumnProgram; readonly pipeline: Pipeline } | null {
  const children = table.children?.[index];
  if (children === undefined || "missing" in children) {
    throw new DefinitionMismatch(
      `The table ${rule.table} can't be used: ${
        children === undefined ? "it was not read." : children.missing
      }`,
    );
  }
  if (context.isTyped !== true || context.readObjects === undefined) {
    throw new HeaderMismatch(
      `\`nested\` (${rule.from}) works with JSON and NDJSON only, and this file is neither.`,
    );
  }
  const field = findName(header, rule.from);
  if (field < 0) {
    warnings.push(
      `The file has no ${JSON.stringify(rule.from)} for ${children.table.name}; it has ${
        listed(header)
      }. No rows are written there.`,
    );
    return null;
  }
  const child = childDefinition(definition, rule);
  const own = withoutColumns(children.table, rule);
  const pipeline = compile(child.definition, child.header, own, withoutFunctions(context));
  const programs = [...pipeline.programs, ...pipeline.related.map(({ program }) => program)];
  const names = [...new Set(child.fields.flat())];
  const sources = child.fields.map((each) => each.map((name) => names.indexOf(name)));
  const write = childrenWriter(rule.from, field, programs, context.readObjects(names), sources);
  return {
    pipeline,
    program: {
      ...stagedJson(`ingest children ${index}`, field),
      write: (record, out, errors) => write(programs, record, out, errors),
      children: { label: rule.from, table: children.table, programs, write },
    },
  };
}

const OPEN_ARRAY = 91;

function childrenWriter(
  label: string,
  field: number,
  programs: readonly ColumnProgram[],
  open: (bytes: Uint8Array) => RecordReader,
  sources: readonly (readonly number[])[],
): ChildrenProgram["write"] {
  const cursor = new ChildCursor(sources);
  const value = new ValueList();
  const isJson = programs.map(({ column }) => /^jsonb?$/u.test(column.baseType));
  let reader: RecordReader | null = null;

  return (
    writers: readonly ColumnWriter[],
    record: RecordCursor,
    out: RowWriter,
    errors: RowError[],
  ) => {
    if ((record.fieldFlags[field] & FIELD_NULL) !== 0) return out.null();
    const [start, end] = [record.fieldStart[field], record.fieldEnd[field]];
    const { bytes } = record;
    const isText = (record.fieldFlags[field] & FIELD_QUOTED) !== 0;
    if (isText || bytes[start] !== OPEN_ARRAY) {
      errors.push({
        code: "type",
        message: `The ${label} field must be a list of objects.`,
        column: label,
        value: record.text(field).slice(0, MAX_VALUE_LENGTH),
      });
      return;
    }
    if (reader === null || reader.bytes !== bytes) reader = open(bytes);
    // What stands between the brackets.
    reader.moveTo(start + 1, end - 1, { offset: start + 1, line: record.line, row: 1 });
    const objects: string[] = [];
    let number = 0;
    const before = errors.length;
    while (reader.next()) {
      number++;
      const { defect } = reader;
      if (defect !== null) {
        errors.push({
          code: defect.code,
          message: `${label} ${number}: ${defect.message}`,
          column: label,
          value: defect.value ?? null,
        });
      } else objects.push(writeChild(writers, cursor.look(reader, record), number, errors));
    }
    if (errors.length === before) out.text(`[${objects.join(",")}]`);
  };

  function writeChild(
    writers: readonly ColumnWriter[],
    child: ChildCursor,
    number: number,
    errors: RowError[],
  ): string {
    const parts: string[] = [];
    const own: RowError[] = [];
    for (const [index, writer] of writers.entries()) {
      value.truncate(0);
      writer.write(child, value, own);
      const text = value.values.at(0) ?? null;
      if (text !== null) parts.push(`"c${index}":${isJson[index] ? text : JSON.stringify(text)}`);
    }
    for (const error of own) {
      errors.push({
        ...error,
        message: `${label} ${number}: ${error.message}`,
        column: error.column === null ? label : `${label}.${error.column}`,
      });
    }
    return `{${parts.join(",")}}`;
  }
}
