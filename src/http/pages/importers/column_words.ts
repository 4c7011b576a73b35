/** What a definition asks of a column, in words. */
import type { ColumnRule, Transform } from "../../../importer/definition.ts";
import { formatCount } from "../../../report/numbers.ts";

/** How many values of a list are named. */
const NAMED = 8;

/** Where its values come from. */
export function originOf({ from, concat, value }: ColumnRule): string {
  if (value !== null) return `always ${quoted(value)}`;
  if (concat !== null) return from.join(" + ");
  return from.join(" or ");
}

export function checksOf(rule: ColumnRule): readonly string[] {
  const { min, max, min_length, max_length, one_of, pattern, message } = rule;
  return [
    ...range(min, max),
    ...lengths(min_length, max_length),
    ...one_of === null ? [] : [`one of ${listed(one_of)}`],
    ...pattern === null ? [] : [`matches ${pattern}`],
    ...message === null ? [] : [`says: ${message}`],
  ];
}

/** What is done with a value before it is loaded. */
export function changesOf(rule: ColumnRule): readonly string[] {
  const { format, decimal, thousands, accept = [], map, empty } = rule;
  return [
    ...format.length === 0 ? [] : [`as ${format.join(" or ")}`],
    ...decimal === "." ? [] : [`decimal ${quoted(decimal)}`],
    ...thousands === null ? [] : [`thousands ${quoted(thousands)}`],
    ...accept.length === 0 ? [] : [`accepts ${accept.join(", ")}`],
    ...rule.true === null ? [] : [`true: ${listed(rule.true)}`],
    ...rule.false === null ? [] : [`false: ${listed(rule.false)}`],
    ...rule.trim ? [] : ["not trimmed"],
    ...rule.transform.map(stepOf),
    ...map === null ? [] : [`maps ${mapped(map)}`],
    ...rule.default === null ? [] : [`else ${quoted(rule.default)}`],
    ...empty === "default" ? ["empty: the table’s default"] : [],
    ...rule.on_update === "keep" ? ["empty changes nothing"] : [],
  ];
}

function range(min: number | null, max: number | null): readonly string[] {
  if (min !== null && max !== null) return [`${min} to ${max}`];
  if (min !== null) return [`at least ${min}`];
  return max === null ? [] : [`at most ${max}`];
}

function lengths(min: number | null, max: number | null): readonly string[] {
  if (min !== null && max !== null) {
    return [min === max ? `${min} characters` : `${min} to ${max} characters`];
  }
  if (min !== null) return [`at least ${formatCount(min)} characters`];
  return max === null ? [] : [`at most ${formatCount(max)} characters`];
}

function stepOf(step: Transform): string {
  switch (step.op) {
    case "replace":
      return `replace ${step.pattern} with ${quoted(step.with)}`;
    case "prefix":
    case "suffix":
      return `${step.op} ${quoted(step.text)}`;
    case "split":
      return `split at ${quoted(step.by)}, part ${step.index}`;
    case "default":
      return `else ${quoted(step.value)}`;
    case "map":
      return `maps ${mapped(step.values)}`;
    case "concat":
      return `joined with ${quoted(step.by)}`;
    default:
      return step.op;
  }
}

function mapped(values: Readonly<Record<string, string | null>>): string {
  return listed(Object.entries(values).map(([from, to]) => `${from} → ${to ?? "nothing"}`));
}

function listed(words: readonly string[]): string {
  const rest = words.length - NAMED;
  if (rest <= 1) return words.join(", ");
  return `${words.slice(0, NAMED).join(", ")} and ${formatCount(rest)} more`;
}

function quoted(text: string): string {
  return `“${text}”`;
}
