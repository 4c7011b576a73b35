/** Reports formats of dates and times that can't be right. */
import { type DateKind, formatMistake } from "./date_format.ts";
import type { ValueType } from "./definition.ts";
import type { Path, Problems } from "./problem.ts";

/**
 * The kinds of values that a column's formats may be for. `type`: the rule's, or what the table's
 * column needs; null if neither is known. `converts`: it has the transform `date`.
 */
export function kindsOf(type: ValueType | null, converts: boolean): readonly DateKind[] {
  if (type === "time" || type === "timestamp") return [type];
  if (converts) return ["date", "timestamp"];
  return type === "date" ? ["date"] : ["date", "timestamp", "time"];
}

/** Reports formats that can't be used for any of the kinds. */
export function reportFormats(
  path: Path,
  formats: readonly string[],
  kinds: readonly DateKind[],
  problems: Problems,
): void {
  for (const format of formats) {
    const mistake = formatMistake(format, kinds, formats.filter((other) => other !== format));
    if (mistake !== null) problems.add([...path, "format"], mistake);
  }
}
