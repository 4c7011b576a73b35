/** From measurements to the table that is printed and the file that is kept. */
import type { Load } from "./loading.ts";

export interface Figure {
  readonly workload: string;
  readonly rows: number;
  readonly rows_per_second: number;
  /** The median of the rounds. */
  readonly seconds: number;
  readonly all_seconds: readonly number[];
  /** Median of seconds ÷ those of \copy in the same round; null without psql, and for \copy. */
  readonly ratio_to_copy: number | null;
  /** The most of all rounds; null where the system doesn't tell. */
  readonly peak_megabytes: number | null;
}

/** `copies`: \copy of the same number of rows, round by round. */
export function toFigure(
  workload: string,
  rows: number,
  loads: readonly Load[],
  copies: readonly Load[] | null,
): Figure {
  const seconds = median(loads.map((load) => load.seconds));
  const peaks = loads.map((load) => load.peakMegabytes).filter((peak) => peak !== null);
  return {
    workload,
    rows,
    rows_per_second: Math.round(rows / seconds),
    seconds: round(seconds, 2),
    all_seconds: loads.map((load) => round(load.seconds, 2)),
    ratio_to_copy: copies === null
      ? null
      : round(median(loads.map((load, index) => load.seconds / copies[index].seconds)), 2),
    peak_megabytes: peaks.length === 0 ? null : Math.round(Math.max(...peaks)),
  };
}

export function renderFigures(figures: readonly Figure[]): string {
  const heading = ["workload", "rows", "rows/s", "seconds", "÷ \\copy", "peak MB"];
  const lines = [
    heading,
    ...figures.map((figure) => [
      figure.workload,
      figure.rows.toLocaleString("en-US"),
      figure.rows_per_second.toLocaleString("en-US"),
      figure.seconds.toFixed(2),
      figure.ratio_to_copy?.toFixed(2) ?? "",
      figure.peak_megabytes?.toString() ?? "?",
    ]),
  ];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])
    ).join("  ").trimEnd()
  ).join("\n");
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function round(number: number, digits: number): number {
  return Number(number.toFixed(digits));
}
