/** Gets one column's text from a record: its source, null words, trimming, map and transforms. */
import { type ColumnRule, DEFAULT_COLUMN } from "../importer/definition.ts";
import { FIELD_NATIVE, FIELD_NULL, FIELD_QUOTED, type RecordCursor } from "../source/record.ts";
import type { HasByteForm } from "./byte_rule.ts";
import { cleaning, type CleaningStep, type NullWords, nullWords, trimming } from "./clean.ts";
import type { ColumnPlan, PipelineContext } from "./column_plan.ts";
import type { ProblemOf } from "./value_problem.ts";
import { compileConstant } from "./constant.ts";
import { inOrder, type Value } from "./step.ts";
import { mapStep, transformStep } from "./transform.ts";
import { catalogType } from "./types/value_type.ts";

export interface Preparation {
  /** The column's text, null, or the problem that a step found. */
  readonly value: (record: RecordCursor) => Value;
  /** The file's own text, for people. */
  readonly raw: (record: RecordCursor) => string;
  /** The steps of `value`, in order. */
  readonly steps: readonly HasByteForm[];
}

/** Throws DefinitionMismatch. */
export function compilePreparation(
  plan: ColumnPlan,
  nullValues: NullWords,
  context: PipelineContext,
  problemOf: ProblemOf,
): Preparation {
  const source = compileSource(plan, nullValues, context);
  const steps = valueSteps(plan, problemOf);
  const emptyIsNull = nullValues.anywhere.includes("");
  const change = inOrder(steps, emptyIsNull);
  return {
    value: (record) => change(source.text(record)),
    raw: source.raw,
    steps: [
      ...source.steps,
      { bytes: (rule) => ({ ...rule, emptyIsNull }) },
      ...steps,
    ],
  };
}

/** The separator between the values of several source columns; null if there is one column. */
export function joinedBy(rule: ColumnRule): string | null {
  const transform = rule.transform.find(({ op }) => op === "concat");
  return rule.concat ?? (transform?.op === "concat" ? transform.by : null);
}

interface Source {
  readonly text: (record: RecordCursor) => string | null;
  readonly raw: (record: RecordCursor) => string;
  readonly steps: readonly HasByteForm[];
}

function compileSource(
  plan: ColumnPlan,
  nullValues: NullWords,
  context: PipelineContext,
): Source {
  const { rule, fields } = plan;
  const keepsQuotes = context.isTyped === true && isJsonAsItStands(plan);
  if (rule.value !== null) {
    const constant = compileConstant(rule.value, context);
    return {
      text: constant,
      raw: (record) => constant(record) ?? "",
      steps: [{ bytes: null }],
    };
  }
  if (fields.length === 0) return { text: () => null, raw: () => "", steps: [{ bytes: null }] };
  const cleaningSteps = cleaningOf(rule, nullWords(nullValues, false));
  const read = readerFor(rule, nullValues, context, keepsQuotes);
  const separator = joinedBy(rule);
  const fromFields: HasByteForm = {
    bytes: (separator === null || separator.isWellFormed()) &&
        !(context.isTyped === true && hasNotation(rule))
      ? (rule) => ({ ...rule, fields, separator: separator ?? "", keepsQuotes })
      : null,
  };
  const steps = [fromFields, ...cleaningSteps];
  if (separator !== null) return { ...joined(fields, separator, read), steps };
  const [field] = fields;
  return { text: (record) => read(record, field), raw: (record) => record.text(field), steps };
}

/** Reads any field as a text, without regard to a column's own rule. */
export function fieldReader(nulls: NullWords, context: PipelineContext): Reader {
  return readerFor(DEFAULT_COLUMN, nulls, context, false);
}

function readerFor(
  rule: ColumnRule,
  nulls: NullWords,
  { isTyped, namesNulls, isHooked }: PipelineContext,
  keepsQuotes: boolean,
): Reader {
  const read = reader(rule, nulls);
  if (isTyped === true) return typedReader(read, rule, keepsQuotes);
  if (isHooked === true) return nullingReader(hookedReader(read, rule));
  return namesNulls === true ? nullingReader(read) : read;
}

function cleaningOf({ trim }: ColumnRule, nulls: CleaningStep): readonly CleaningStep[] {
  return trim ? [nulls, trimming(nulls)] : [nulls];
}

/** Reads a field: null words become null, and blanks at both ends go. */
function reader(rule: ColumnRule, nulls: NullWords): Reader {
  const [plain, quoted] = [false, true].map((isQuoted) =>
    cleaning(cleaningOf(rule, nullWords(nulls, isQuoted)))
  );
  if (nulls.unquoted.length === 0) return (record, field) => plain(record.text(field));
  return (record, field) => {
    const isQuoted = (record.fieldFlags[field] & FIELD_QUOTED) !== 0;
    return (isQuoted ? quoted : plain)(record.text(field));
  };
}

/** For sources that say themselves which fields are null. */
function nullingReader(read: Reader): Reader {
  return (record, field) =>
    (record.fieldFlags[field] & FIELD_NULL) !== 0 ? null : read(record, field);
}

/** Numbers that hooks give are put into the definition's notation. */
function hookedReader(read: Reader, rule: ColumnRule): Reader {
  if (!hasNotation(rule)) return read;
  return (record, field) => {
    const text = read(record, field);
    const isNative = (record.fieldFlags[field] & FIELD_NATIVE) !== 0;
    return isNative && text !== null ? inNotation(text, rule) : text;
  };
}

/**
 * For sources whose values have types of their own. The definition's notation is that of texts: numbers
 * and booleans are put into it.
 */
function typedReader(read: Reader, rule: ColumnRule, keepsQuotes: boolean): Reader {
  const written = hasNotation(rule);
  return (record, field) => {
    const flags = record.fieldFlags[field];
    if ((flags & FIELD_NULL) !== 0) return null;
    if ((flags & FIELD_QUOTED) === 0) {
      const text = read(record, field);
      return written && text !== null ? inNotation(text, rule) : text;
    }
    if (!keepsQuotes) return read(record, field);
    return decoder.decode(
      record.bytes.subarray(record.fieldStart[field] - 1, record.fieldEnd[field] + 1),
    );
  };
}

function hasNotation(rule: ColumnRule): boolean {
  return rule.decimal !== "." || rule.true !== null || rule.false !== null;
}

/** `text`: of a number, `true`, `false`, or an object or an array, which stay as they are. */
function inNotation(text: string, rule: ColumnRule): string {
  if (text === "true") return rule.true?.[0] ?? text;
  if (text === "false") return rule.false?.[0] ?? text;
  return /^-?\d+\.\d+$/u.test(text) ? text.replace(".", rule.decimal) : text;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A text that comes as JSON stays JSON in a column of that type, unless something changes it. */
function isJsonAsItStands({ rule, column }: ColumnPlan): boolean {
  const type = rule.type ?? catalogType(column);
  return type === "json" && rule.transform.length === 0 && rule.map === null &&
    joinedBy(rule) === null;
}

type Reader = (record: RecordCursor, field: number) => string | null;

/** Joins the values that are not null, each cleaned by itself. */
function joined(
  fields: readonly number[],
  separator: string,
  read: Reader,
): Omit<Source, "steps"> {
  return {
    text(record) {
      let text: string | null = null;
      for (const field of fields) {
        const part = read(record, field);
        if (part !== null) text = text === null ? part : text + separator + part;
      }
      return text;
    },
    raw: (record) => fields.map((field) => record.text(field)).join(separator),
  };
}

/** `concat` makes one value of several, so it comes before all steps, wherever it is written. */
function valueSteps({ rule, column }: ColumnPlan, problemOf: ProblemOf) {
  const steps = rule.map === null ? [] : [mapStep(rule.map, problemOf)];
  for (const transform of rule.transform) {
    if (transform.op !== "concat") {
      steps.push(transformStep(transform, rule, column, problemOf));
    }
  }
  return steps;
}
