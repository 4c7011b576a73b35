/** Renders the result for printing. */
import type { RunProfile } from "./profile/profiled_run.ts";
import type { FigureResult, WorkloadResult } from "./result.ts";

export function renderWorkloads(workloads: readonly WorkloadResult[]): string {
  return renderTable(
    [
      "workload",
      "against",
      "ours s",
      "theirs s",
      "ratio",
      "95 %",
      "bar",
      "verdict",
      "CPU s",
      "theirs",
      "peak MB",
    ],
    workloads.map((result) => [
      result.workload,
      result.against,
      result.ours.median_seconds.toFixed(2),
      result.reference?.median_seconds.toFixed(2) ?? "",
      result.ratio?.toFixed(2) ?? "",
      result.interval?.map((end) => end.toFixed(2)).join("–") ?? "",
      result.bar.toFixed(2),
      result.verdict,
      result.ours.cpu_seconds?.toFixed(2) ?? "?",
      result.reference === null ? "" : result.reference.cpu_seconds?.toFixed(2) ?? "?",
      result.ours.peak_megabytes?.toString() ?? "?",
    ]),
    2,
  );
}

export function renderFigures(figures: readonly FigureResult[]): string {
  return renderTable(
    ["figure", "value", "", "bar", "verdict", "besides"],
    figures.map(({ figure, value, unit, bar, verdict, details }) => [
      figure,
      format(value),
      unit,
      bar === null ? "" : format(bar),
      verdict,
      Object.entries(details)
        .flatMap(([name, detail]) => typeof detail === "object" ? [] : [`${name} ${detail}`])
        .join(", "),
    ]),
    1,
    5,
  );
}

/** CPU seconds of each stage, with a column for each profile. */
export function renderProfiles(profiles: readonly RunProfile[]): string {
  return renderTable(
    ["stage, CPU s", ...profiles.map(({ file }) => file)],
    profiles[0].stages.map(({ stage }, index) => [
      stage,
      ...profiles.map(({ stages }) => stages[index].seconds.toFixed(2)),
    ]),
    1,
  );
}

/** Rounds to three digits: none of these numbers is more precise. */
function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** The first `text` columns and those from `lastText` on are text. The others are numbers. */
function renderTable(
  heading: readonly string[],
  body: readonly (readonly string[])[],
  text: number,
  lastText = heading.length,
): string {
  const lines = [heading, ...body];
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) =>
    line.map((cell, column) =>
      column < text || column >= lastText
        ? cell.padEnd(widths[column])
        : cell.padStart(widths[column])
    ).join("  ").trimEnd()
  ).join("\n");
}
