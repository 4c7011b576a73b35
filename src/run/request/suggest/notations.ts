/** Candidates that say in which notation a column's values are. */
import type { DefinitionEdit, Json } from "../../../importer/definition_edit.ts";
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

/** Without a type in the definition, the table's column decided; the message says what it was. */
export function kindOf({ rule, messages }: RefusedColumn): RefusedKind | null {
  switch (rule.type) {
    case "date":
    case "time":
    case "timestamp":
    case "numeric":
    case "integer":
      return rule.type;
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

/** ISO 8601, which is what a column without a format takes. */
const ISO = {
  date: ["yyyy-MM-dd"],
  time: ["HH:mm:ss"],
  timestamp: ["yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss"],
} as const;

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
  const before = rule.format.length === 0 && hasGood ? ISO[kind] : [];
  const edit = (added: readonly string[]) => [of(refused, "format", { append: added })];
  const one = (added: readonly string[]): Candidate => {
    const all = [...before.filter((format) => !added.includes(format)), ...added];
    const swapped = all.map((format) =>
      added.includes(format) ? swapDayAndMonth(format) ?? format : format
    );
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
  const other = formats.map((format) => swapDayAndMonth(format) ?? format);
  if (other.some((format, i) => format !== formats[i])) {
    found.push({ ...one(other), alternative: true });
  }
  return found;
}

/** `dd/MM/yyyy` → `MM/dd/yyyy`; null if nothing of the kind could be meant. */
export function swapDayAndMonth(format: string): string | null {
  const parts = format.split(/('(?:[^']|'')*')/u);
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
    const edits = numberEdits(refused, best.notation);
    const rivals = RIVALS.map((notation) => numberEdits(refused, notation));
    found.push({ column: name, edits, rivals });
    if (best.otherwise !== null) {
      const edits = numberEdits(refused, best.otherwise);
      found.push({ column: name, edits, rivals, alternative: true });
    }
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
