/** What was found in a column, in words. */
import { displayName } from "../../source/display_text.ts";
import type { ColumnFacts, Places } from "./column_profile.ts";
import type { Reading, ReadType } from "./reading.ts";

const PLURAL: Readonly<Record<ReadType, string>> = {
  integer: "whole numbers",
  numeric: "numbers",
  boolean: "yes or no",
  date: "dates",
  time: "times",
  timestamp: "dates with times",
  uuid: "UUIDs",
  json: "JSON",
};

/** Values as the reading sees them, or as texts if it is null. `word`: line or row. */
export function evidenceOf(facts: ColumnFacts, reading: Reading | null, word: string): string {
  if (facts.filled === 0) return "always empty";
  const nulls = [...facts.nullWords].map(([text, { count }]) =>
    `${quoted(text)} in ${rows(count)}`
  );
  return [
    reading === null ? describeTexts(facts) : describeReading(facts, reading, word),
    ...facts.empty === 0 ? [] : [`empty in ${rows(facts.empty)}${at(facts.emptyLines, word)}`],
    ...nulls,
    ...facts.uniqueness.kind === "unique" && facts.filled > 1 ? ["no value twice"] : [],
  ].join("; ");
}

function describeReading(facts: ColumnFacts, reading: Reading, word: string): string {
  const { fits, exceptions, type, rule } = reading;
  const how = [rule.format ?? []].flat();
  const what = how.length > 0
    ? `${PLURAL[type]} ${how.join(", ")}`
    : type === "boolean"
    ? `${PLURAL[type]} (${[...facts.words?.keys() ?? []].map(quoted).join(", ")})`
    : PLURAL[type] + notation(reading);
  const total = fits + exceptions.count;
  if (exceptions.count === 0) return fits === 1 ? `1 value: ${what}` : `all ${what}`;
  return `${percent(fits, total)} ${what}; ${
    exceptions.count === 1 ? "exception" : "exceptions"
  } in ${placesOf(exceptions, word)}`;
}

function notation({ rule }: Reading): string {
  const parts = [
    ...rule.decimal === undefined ? [] : [`decimal ${quoted(rule.decimal)}`],
    ...rule.thousands === undefined ? [] : [`thousands ${quoted(rule.thousands)}`],
    ...rule.accept === undefined ? [] : [`with ${[rule.accept].flat().join(", ")}`],
  ];
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

function describeTexts({ words, longest, filled }: ColumnFacts): string {
  const length = longest === 1 ? "1 character" : `${count(longest)} characters`;
  const texts = `texts of up to ${length}`;
  if (words === null || words.size * 2 > filled) return texts;
  return words.size === 1
    ? `always ${quoted([...words.keys()][0])}`
    : `${words.size} different ${texts}`;
}

/** `lines 17, 4011, such as "unknown"`. */
export function placesOf({ count, lines, example }: Places, word: string): string {
  if (lines.length === 0) return `${rows(count)}${example === "" ? "" : `: ${quoted(example)}`}`;
  const more = count - lines.length;
  const named = `${lines.length === 1 ? word : `${word}s`} ${lines.join(", ")}` +
    (more > 0 ? ` and ${formatCount(more)} more` : "");
  return example === "" ? named : `${named} (${quoted(example)}${count > 1 ? " …" : ""})`;
}

function at(lines: readonly number[], word: string): string {
  return lines.length === 0 ? "" : ` (first in ${word} ${lines[0]})`;
}

/** Never 100 % unless it is all of them. */
export function percent(part: number, whole: number): string {
  const hundredths = Math.min(9999, Math.floor(part / whole * 10_000));
  return `${(hundredths / 100).toString()} %`;
}

export function rows(number: number): string {
  return number === 1 ? "1 row" : `${count(number)} rows`;
}

export function count(number: number): string {
  return number.toLocaleString("en-US");
}

const formatCount = count;

/** On one line, without what a terminal or YAML would obey. */
export function quoted(text: string): string {
  return JSON.stringify(displayName(text));
}
