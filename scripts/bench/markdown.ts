/** The tables of the documents, from one result or from those of two servers. */
import type { BenchResult, WorkloadResult } from "./result.ts";
import { type Group, ofGroup } from "./workloads/all.ts";

/** The table of one group, and below it how it was measured. The first result has its seconds. */
export function groupTable(group: Group, results: readonly BenchResult[]): string {
  return table(ofGroup(group, results[0].workloads), results);
}

/** The lines that people look for first. */
const MAIN = [
  "messy file, every column cleaned",
  "the same, 3 % of rows wrong",
  "fresh insert, on_duplicate: fail",
  "another file, same keys: all updates",
  "the same file again: no change",
  "5 % of rows invalid",
  "retry of 10 % failed rows",
];

export function mainTable(results: readonly BenchResult[]): string {
  return table(results[0].workloads.filter(({ workload }) => MAIN.includes(workload)), results);
}

/** How the tables were made. */
export function method(results: readonly BenchResult[]): string {
  const [{ machine, pairs, at }] = results;
  const program = machine.binary === null ? `Deno ${machine.deno}` : "the compiled program";
  const servers = results.map((result) => `${serverOf(result)} (${result.machine.settings})`);
  return [
    `Measured on ${at.slice(0, 10)} in ${pairs} pairs with ${program} on ${machine.cores} cores,`,
    `shared with ${
      servers.join(" and ")
    }. Seconds are medians on the first server. In parentheses is the 95 % interval of the ratio; a ratio in bold`,
    "misses its bar.",
  ].join(" ");
}

function table(all: readonly WorkloadResult[], results: readonly BenchResult[]): string {
  // Without psql or pgloader there is nothing to compare with.
  const lines = all.filter(({ ratio }) => ratio !== null);
  if (lines.length === 0) {
    throw new Error("The result lacks workloads that the documents show: measure without --only");
  }
  const sameRows = lines.every(({ rows }) => rows === lines[0].rows);
  const rows = (result: WorkloadResult) => result.rows.toLocaleString("en-US");
  const heading = [
    sameRows ? `${rows(lines[0])} rows` : "workload",
    ...sameRows ? [] : ["rows"],
    ...["compared with", "at most"],
    ...results.map(serverOf),
    ...["ours, s", "theirs, s"],
  ];
  const body = lines.map((line) => [
    code(line.workload),
    ...sameRows ? [] : [rows(line)],
    code(line.against),
    line.bar.toFixed(2),
    ...results.map(({ workloads }) =>
      ratio(workloads.find(({ workload }) => workload === line.workload))
    ),
    line.ours.median_seconds.toFixed(2),
    line.reference?.median_seconds.toFixed(2) ?? "",
  ]);
  const rule = heading.map(() => "---");
  return [heading, rule, ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function ratio(result: WorkloadResult | undefined): string {
  if (result === undefined || result.ratio === null) return "not measured";
  const number = result.ratio.toFixed(2);
  const interval = result.interval === null
    ? ""
    : ` (${result.interval.map((end) => end.toFixed(2)).join("–")})`;
  return `${result.ratio > result.bar ? `**${number}**` : number}${interval}`;
}

function serverOf({ machine: { server, embedded } }: BenchResult): string {
  return embedded ? `${server}, embedded` : server;
}

/** Commands and keys of definitions, as the documents write them. */
function code(words: string): string {
  return words.replace(/\\copy|\b(?:on_duplicate|log_rows): \w+|\bone_of\b|\btext\[\]/gu, "`$&`");
}
