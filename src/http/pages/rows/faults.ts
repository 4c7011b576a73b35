/** Which cells of a failed row are wrong. */
import type { RowReport } from "../../../report/row_schema.ts";
import type { SourceColumn } from "./rows_data.ts";

export interface Faults {
  /** What is wrong with each wrong cell, by its column's place. */
  readonly cells: ReadonlyMap<number, string>;
  /** Why the row failed, in a line. */
  readonly reason: string;
}

export function faultsOf({ errors }: RowReport, columns: readonly SourceColumn[]): Faults {
  const cells = new Map<number, string>();
  if (errors === null) return { cells, reason: "" };
  const { message, validation, details } = errors;
  const named = details.flatMap(({ column }) => typeof column === "string" ? [column] : []);
  for (const target of new Set([...named, ...Object.keys(validation)])) {
    const text = (Object.hasOwn(validation, target) ? validation[target] : [message]).join(" ");
    for (const [place, { fills }] of columns.entries()) {
      if (!fills.includes(target)) continue;
      cells.set(place, cells.has(place) ? `${cells.get(place)} ${text}` : text);
    }
  }
  const texts = [...new Set(Object.values(validation).flat())];
  const why = texts.length === 0 ? [message] : texts.map(shorten);
  const hints = details.flatMap(({ hint }) => typeof hint === "string" ? [hint] : []);
  return { cells, reason: [...why, ...new Set(hints)].join(" ") };
}

/** `The E-Mail field (email) is required.` → `E-Mail is required.` */
export function shorten(message: string): string {
  return message.replace(/^The (.+?) field(?: \([^)]*\))? /u, "$1 ");
}
