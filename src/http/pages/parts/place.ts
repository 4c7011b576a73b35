import { formatCount } from "../../../report/numbers.ts";

/** Where people find a row in their file. The grid's `placeOf` says the same. */
export function placeOf({ line }: { readonly line: number }): string {
  return `line ${formatCount(line)}`;
}

/** Of several rows: `lines 2, 3, 17`. */
export function placesOf(lines: readonly number[]): string {
  return `${lines.length === 1 ? "line" : "lines"} ${lines.map(formatCount).join(", ")}`;
}
