/** Candidates that say in which notation a column's values are. */
import type { DefinitionEdit, Json } from "../../../importer/document/definition_edit.ts";
import { catalogType } from "../../../row/types/value_type.ts";
import { compileDateFormat } from "../../../row/types/date_format.ts";
import { bestNotation, type Notations, type RefusedKind } from "../../../row/suggest_notation.ts";
import type { Candidate, RefusedColumn } from "./candidate.ts";

/** How many formats a column may get. */
const MAX_FORMATS = 4;

const EXPECTATIONS: readonly (readonly [string, RefusedKind])[] = [
  ["must be a date and time", "timestamp"],
  ["must be a date", "date"],
  ["must be a time", "time"],
  ["must be a number", "numeric"],
  ["must be a whole number", "integer"],
];

/** Without a type in the definition, the table's column decides, or a transform. */
export function kindOf({ rule, column, messages }: RefusedColumn): RefusedKind | null {
  const type = rule.type ?? catalogType(column);
  switch (type) {
    case "date":
    case "time":
    case "timestamp":
    case "numeric":
    case "integer":
      return type;
    case "float":
      return "numeric";
  }
  const all = [...messages].join("\n");
  return EXPECTATIONS.find(([words]) => all.includes(words))?.[1] ?? null;
}

export function notationCandidates(refused: RefusedColumn): readonly Candidate[] {
  const kind = refused.codes.has("type") ? kindOf(refused) : null;
  if (kind === null) return [];
  const texts = refused.values.map(({ text }) => text.trim()).filter((text) => text !== "");
  return kind === "numeric" || kind === "integer"
    ? numberCandidates(refused, kind, texts)
    : formatCandidates(refused, kind, texts);
}

/** ISO 8601, which is what a column without a format takes: the usual forms of it. */
const ISO = {
  date: ["yyyy-MM-dd"],
  time: ["HH:mm:ss", "HH:mm", "HH:mm:ss.SSS", "HH:mm:ss.SSSSSS"],
  timestamp: ["yyyy-MM-dd"].concat(
    ...["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm"].flatMap((minute) =>
      [minute, `${minute}:ss`, `${minute}:ss.SSS`, `${minute}:ss.SSSSSS`].flatMap((
        time,
      ) => [time, `${time}Z`])
    ),
  ),
};
/** If nobody knows which of them the good rows have. */
const USUAL_ISO = {
  date: ISO.date,
  time: ["HH:mm:ss"],
  timestamp: ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss"],
};

/** The forms of ISO 8601 that the good values have. */
function isoFormats(kind: "date" | "time" | "timestamp", good: readonly string[]) {
  const texts = good.map((text) => text.trim()).filter((text) => text !== "");
  if (texts.length === 0) return USUAL_ISO[kind];
  return ISO[kind].filter((format) => {
    const read = compileDateFormat(format);
    return texts.some((text) => read(text) !== null);
  });
}

function formatCandidates(
  refused: RefusedColumn,
  kind: "date" | "time" | "timestamp",
  texts: readonly string[],
): readonly Candidate[] {
  const { rule, hasGood } = refused;
  const formats: string[] = [];
  let left = texts;
  while (left.length > 0 && formats.length < MAX_FORMATS) {
    const format = bestNotation(kind, left)?.notation.format;
    if (format === undefined || formats.includes(format)) break;
    const read = compileDateFormat(format);
    const rest = left.filter((text) => read(text) === null);
    if (rest.length === left.length) break;
    formats.push(format);
    left = rest;
  }
  if (formats.length === 0) return [];
  // What was read so far must be read as before.
  const before = rule.format.length === 0 && hasGood ? isoFormats(kind, refused.good) : [];
  // If the definition says in which order they come, nothing is open.
  const said = rule.format.map(isDayFirst);
  const otherOrder = (format: string) =>
    said.includes(isDayFirst(format)) ? format : swapDayAndMonth(format) ?? format;
  const edit = (added: readonly string[]) => [of(refused, "format", { append: added })];
  const one = (added: readonly string[]): Candidate => {
    const all = [...before.filter((format) => !added.includes(format)), ...added];
    const swapped = all.map((format) => added.includes(format) ? otherOrder(format) : format);
    const isSame = swapped.every((format, i) => format === all[i]);
    const kept = rule.format.find((format) => all.includes(swapDayAndMonth(format) ?? format));
    return {
      column: refused.column.name,
      edits: edit(all),
      rivals: isSame ? [] : [edit(swapped)],
      ...kept !== undefined && {
        note:
          `values that fit ${kept} as well are read by that, as before: look at the rows that ` +
          "were loaded",
      },
    };
  };
  const found: Candidate[] = [one(formats)];
  // Each alone says more about a column than all together, if one is enough.
  if (formats.length > 1) found.push(one(formats.slice(0, 1)));
  const other = formats.map(otherOrder);
  if (other.some((format, i) => format !== formats[i])) {
    found.push({ ...one(other), alternative: true });
  }
  return found;
}

/** Null if it has no day or no month. */
function isDayFirst(format: string): boolean | null {
  const bare = format.replace(/'(?:[^']|'')*'/gu, "");
  const [day, month] = [bare.search(/d/u), bare.search(/M/u)];
  return day === -1 || month === -1 ? null : day < month;
}

/** `dd/MM/yyyy` → `MM/dd/yyyy`; null if nothing of the kind could be meant. */
export function swapDayAndMonth(format: string): string | null {
  const parts = format.split(/('(?:[^']|'')*')/u);
  // What begins with the year goes on with the month.
  if (/^y+[^A-Za-z]?M/u.test(format)) return null;
  if (!/(?:^|[^d])d{1,2}(?!d)/u.test(format) || !/(?:^|[^M])M{1,2}(?!M)/u.test(format)) return null;
  return parts.map((part, i) =>
    i % 2 === 1
      ? part
      : part.replace(/d+|M+/gu, (run) =>
        run.length > 2 ? run : (run[0] === "d" ? "M" : "d").repeat(run.length))
  ).join("");
}

function numberCandidates(
  refused: RefusedColumn,
  kind: "numeric" | "integer",
  texts: readonly string[],
): readonly Candidate[] {
  const name = refused.column.name;
  const found: Candidate[] = [];
  const best = bestNotation(kind, texts);
  if (best !== null) {
    const rivals = RIVALS.map((notation) => numberEdits(refused, notation));
    const points = inPoints(best.notation);
    const percent = points === null
      ? []
      : [best.notation, points].map((each) => numberEdits(refused, each));
    const one = (notation: Notations, alternative = false): Candidate => ({
      column: name,
      edits: numberEdits(refused, notation),
      rivals: [...rivals, ...percent],
      ...alternative && { alternative },
    });
    const { decimal, accept } = best.notation;
    // A separator that no value has could change others.
    if (decimal !== undefined) found.push(one({ decimal, ...accept && { accept } }));
    found.push(one(best.notation));
    if (best.otherwise !== null) found.push(one(best.otherwise, true));
    if (points !== null) found.push(one(points, true));
  }
  // Where some values have a comma before the cents, and others a point.
  const comma = { replace: { pattern: "^([+-]?\\d+),(\\d{1,2})$", with: "$1.$2" } };
  found.push({
    column: name,
    edits: [of(refused, "transform", { append: [comma] })],
    rivals: [],
  });
  const unit = commonUnit(texts);
  if (unit !== null) {
    const bare = texts.map((text) => text.replace(new RegExp(unit, "u"), ""));
    const notation = bestNotation(kind, bare)?.notation ?? {};
    const removal = of(refused, "transform", {
      append: [{ replace: { pattern: unit, with: "" } }],
    });
    found.push({ column: name, edits: [removal, ...numberEdits(refused, notation)], rivals: [] });
  }
  return found;
}

/** 12% may be 0.12 or 12. Null: there are no percentages. */
function inPoints(notation: Notations): Notations | null {
  if (!notation.accept?.includes("percent")) return null;
  const accept = notation.accept.map((one) => one === "percent" ? "percent_points" : one);
  return { ...notation, accept };
}

/** `1,234` may be both. */
const RIVALS: readonly Notations[] = [{ decimal: "," }, { thousands: "," }, {
  decimal: ",",
  thousands: ".",
}];

function numberEdits(refused: RefusedColumn, notation: Notations): readonly DefinitionEdit[] {
  const { rule } = refused;
  const { decimal = ".", thousands, accept = [] } = notation;
  const added = accept.filter((one) => !rule.accept?.includes(one));
  return [
    ...(decimal === rule.decimal ? [] : [of(refused, "decimal", { set: decimal })]),
    ...(thousands === undefined || thousands === rule.thousands
      ? []
      : [of(refused, "thousands", { set: thousands })]),
    ...(added.length === 0 ? [] : [of(refused, "accept", { append: added as readonly Json[] })]),
  ];
}

/** The pattern of a unit that most values have behind the number: ` kg`. */
function commonUnit(texts: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const unit = /\d\s*(\p{L}[\p{L}\p{M}./²³]*)$/u.exec(text)?.[1];
    if (unit !== undefined) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most === undefined ? null : `\\s*${escaped(most[0])}$`;
}

/** A text in a regular expression with the flag `u`. */
export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
}

export function of(
  { column: { name } }: Pick<RefusedColumn, "column">,
  key: string,
  change: DefinitionEdit["change"],
): DefinitionEdit {
  return { at: { column: name, key }, change };
}
