import { formatCount } from "../../../report/numbers.ts";
import type { RunReport } from "../../../report/report_schema.ts";

/** Where people find a row in their file: on a line of a text, in a row of a workbook's sheet. */
export type PlaceWord = "line" | "row";

export function placeWord({ read_as }: Pick<RunReport, "read_as">): PlaceWord {
  return read_as.sheet === undefined ? "line" : "row";
}

/** Of several rows: `lines 2, 3, 17`. */
export function placesOf(lines: readonly number[], word: PlaceWord): string {
  return `${word}${lines.length === 1 ? "" : "s"} ${lines.map(formatCount).join(", ")}`;
}
