/**
 * Compiles an entry of `many` into a column of the stage: a JSON array with the values that a row is
 * linked to, as texts. NULL there means that the file says nothing. Load/related makes links of it.
 */
import type { ManyRule } from "../../importer/definition.ts";
import type { LinkTable } from "../../load/catalog/table.ts";
import type { RecordCursor } from "../../source/record.ts";
import type { NullWords } from "../clean.ts";
import { type PipelineContext, withoutFunctions } from "../column_plan.ts";
import { compileColumn } from "../compile_column.ts";
import { findAlias, listed, quotedList, suggesting } from "../header_names.ts";
import { DefinitionMismatch, HeaderMismatch } from "../mismatch.ts";
import { MAX_VALUE_LENGTH, type RowError } from "../outcome.ts";
import type { ColumnProgram, ColumnWriter } from "../pipeline.ts";
import { type RowWriter, ValueList } from "../row_writer.ts";
import { problemsOf } from "../value_problem.ts";
import { ItemCursor } from "./item_cursor.ts";
import { readList } from "./read_list.ts";
import { type RelatedPlace, stagedJson } from "./related_place.ts";

/** Null for a list that the file doesn't have; then `warnings` say so. Throws as `compilePipeline` does. */
export function compileList(
  rule: ManyRule,
  index: number,
  { definition, header, table, nulls, context, warnings }: RelatedPlace & {
    readonly nulls: NullWords;
  },
): ColumnProgram | null {
  const links = table.related?.[index];
  if (links === undefined || "missing" in links || links.foreign === null) {
    throw new DefinitionMismatch(
      `The pivot table ${rule.pivot.table} can't be used: ${
        links === undefined
          ? "it was not read."
          : "missing" in links
          ? links.missing
          : `it has no column ${rule.pivot.foreign}.`
      }`,
    );
  }
  const field = findAlias(header, rule.from);
  if (field < 0) {
    const missing = `The file has no column ${
      quotedList(rule.from)
    } for ${links.table.name}; it has ${listed(header)}${suggesting(rule.from, header)}`;
    if (rule.required || definition.options.strict_headers) throw new HeaderMismatch(missing);
    warnings.push(`${missing} No links are written.`);
    return null;
  }
  const item = compileItem(rule, links, nulls, context);
  const writeItems = itemsWriter(rule, field, item, context);
  return {
    ...stagedJson(`ingest links ${index}`, field),
    write: (record, out, errors) => writeItems(item, record, out, errors),
    list: { item, write: writeItems },
  };
}

/** One value of the list: its only field is the value. */
function compileItem(
  rule: ManyRule,
  { foreign, lookup }: LinkTable,
  nulls: NullWords,
  context: PipelineContext,
): ColumnProgram {
  const column = { ...foreign!.column, name: rule.from[0] };
  return compileColumn(
    {
      target: column.name,
      column,
      rule: rule.item,
      fields: [0],
      required: false,
      takesDefault: false,
      ...lookup !== null && { lookup },
    },
    // Blank values are none.
    { ...nulls, anywhere: ["", ...nulls.anywhere] },
    withoutFunctions(context),
  );
}

function itemsWriter(
  { from: [label], separator, required, item: { message, trim } }: ManyRule,
  field: number,
  item: ColumnProgram,
  { isTyped = false }: PipelineContext,
) {
  const problemOf = problemsOf(label, message);
  const missing = problemOf("required", "is required");
  const noList = problemOf("type", "must be a list of texts or numbers");
  const noText = problemOf("type", "has a character that no text can have");
  const cursor = new ItemCursor();
  const out = new ValueList();

  return (writer: ColumnWriter, record: RecordCursor, into: RowWriter, errors: RowError[]) => {
    const fail = ({ code, message }: typeof missing) =>
      errors.push({
        ...{ code, message, column: label },
        value: record.text(field).slice(0, MAX_VALUE_LENGTH),
      });
    const list = readList(record, field, { isTyped, separator, trim });
    if (list === "malformed") return fail(noList);
    const all = list ?? [];
    const texts: string[] = [];
    const before = errors.length;
    for (const one of all) {
      if (one.text !== null && (one.text.includes("\0") || !one.text.isWellFormed())) {
        return fail(noText);
      }
      out.truncate(0);
      writer.write(cursor.look(one, record, isTyped), out, errors);
      const text = out.values.at(0) ?? null;
      if (text !== null) texts.push(text);
    }
    if (errors.length > before) return;
    if (required && texts.length === 0 && !hasItems()) return fail(missing);
    if (list === null) into.null();
    else into.text(JSON.stringify(texts));

    /** A value that is only now being looked up is one, too. */
    function hasItems(): boolean {
      return all.some((one) => {
        out.truncate(0);
        item.write(cursor.look(one, record, isTyped), out, []);
        return (out.values.at(0) ?? null) !== null;
      });
    }
  };
}
