/** Texts that may stand in a cell for a value that is known. */
import { isCounted, readFormat } from "../../../importer/date_format.ts";
import type { ColumnRule } from "../../../importer/definition.ts";

/** The likeliest first. Whether the column reads one of them as this value has to be tried. */
export function writtenForms(
  value: string | null,
  { format, decimal, true: yes, false: no }: ColumnRule,
): readonly string[] {
  if (value === null) return [""];
  const words = value === "true" || value === "t"
    ? yes
    : value === "false" || value === "f"
    ? no
    : null;
  return [
    value,
    ...words ?? [],
    ...decimal === "." ? [] : [value.replace(".", decimal)],
    ...format.flatMap((format) => inFormat(value, format) ?? []),
  ];
}

const MOMENT =
  /^(?:(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d))?[ T]?(?:(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d+))?)?/u;

/** Null: the format has a part that is not written. */
function inFormat(value: string, format: string): string | null {
  if (isCounted(format)) return null;
  const pieces = readFormat(format);
  const moment = MOMENT.exec(value)?.groups ?? {};
  if (typeof pieces === "string") return null;
  let text = "";
  for (const piece of pieces) {
    if ("literal" in piece) {
      text += piece.literal;
      continue;
    }
    const { part, letters } = piece;
    const found = part === "shortYear"
      ? moment.year?.slice(2)
      : part === "fraction"
      ? (moment.fraction ?? "").padEnd(letters.length, "0")
      : part === "month" && letters.length > 2
      ? undefined
      : moment[part];
    if (found === undefined) return null;
    text += found;
  }
  return text;
}
