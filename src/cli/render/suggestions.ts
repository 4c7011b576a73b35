/** What `errors --suggest` has found, and what `--apply` has written. */
import type { Run } from "../../ledger/runs/runs.ts";
import type { Suggested, Suggestions } from "../../report/suggestion_schema.ts";
import type { Applied } from "../../run/request/suggest/apply.ts";
import { formatCount, formatRows } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { printable } from "./terminal_text.ts";

export function renderSuggestions(
  report: Suggestions,
  { id }: Pick<Run, "id">,
  { bold, dim }: Style,
): string[] {
  const { suggestions, together, looked_at, notes } = report;
  if (report.failed === 0) return notes.map(printable);
  const own = suggestions.filter(({ statement }) => statement === null);
  return [
    ...suggestions.flatMap((suggestion) => [
      `${suggestion.number}  ${bold(printable(suggestion.column ?? "rows that can't be read"))}`,
      ...wordsOf(suggestion).map((line) => `   ${printable(line)}`),
      `   ${proofOf(suggestion)}`,
      ...remarksOn(suggestion).map((line) => `   ${dim(printable(line))}`),
    ]),
    ...(suggestions.length === 0
      ? [`Nothing that a definition could say makes any of the failed rows of run ${id} right.`]
      : suggestions.length > 1
      ? ["", `Together: ${formatCount(together)} of ${formatRows(looked_at)} would pass.`]
      : []),
    ...(notes.length === 0 ? [] : ["", ...notes.map(printable)]),
    ...(own.length === 0 ? [] : [
      "",
      `Write it into the definition: ${bold(`ingest errors ${id} --suggest --apply${which(own)}`)}`,
    ]),
  ];
}

/** An example of a choice, where there is one to make. */
function which(suggestions: readonly Suggested[]): string {
  const isOpen = suggestions.some(({ excludes, good_rows: good }) =>
    excludes.length > 0 || (good !== null && good.changed + good.failing > 0)
  );
  return isOpen ? ` ${suggestions[0].number}` : "";
}

function wordsOf({ definition, statement }: Suggested): readonly string[] {
  return [...definition, ...(statement === null ? [] : [statement])];
}

/** `9,912 of 10,000 rows would pass, 88 are ambiguous (rows 4, 17, …)` */
export function proofOf(suggestion: Suggested): string {
  const { of, values, rows, ambiguous, ambiguous_rows: sample } = suggestion;
  const others = values - rows - ambiguous;
  const more = ambiguous > sample.length ? ", …" : "";
  return [
    `${formatCount(rows)} of ${formatRows(of)} would pass`,
    ...(ambiguous === 0 ? [] : [
      `${formatCount(ambiguous)} ${ambiguous === 1 ? "is" : "are"} ambiguous ` +
      `(${sample.length === 1 ? "row" : "rows"} ${sample.join(", ")}${more})`,
    ]),
    ...(others === 0 ? [] : [
      `${formatCount(others)} more would pass but for ${
        others === 1 ? "its" : "their"
      } other errors`,
    ]),
  ].join(", ");
}

function remarksOn({ good_rows: good, excludes, notes }: Suggested): readonly string[] {
  const remarks = [...notes];
  if (excludes.length > 0) remarks.push(`instead of ${excludes.join(", ")}: the values don't tell`);
  if (good !== null && good.changed + good.failing > 0) {
    const { example, changed, failing, looked_at } = good;
    const what = [
      ...(changed > 0 ? [`${formatCount(changed)} would get another value`] : []),
      ...(failing > 0 ? [`${formatCount(failing)} would fail`] : []),
    ].join(", ");
    const shown = example === null
      ? ""
      : `, such as row ${example.row}: ${text(example.before)} → ${
        failing > 0 && changed === 0 ? "refused" : text(example.after)
      }`;
    remarks.push(`careful: of ${formatRows(looked_at)} that are right already, ${what}${shown}`);
  }
  return remarks.map((remark) => `(${remark})`);
}

function text(value: string | null): string {
  return value === null ? "NULL" : JSON.stringify(value);
}

export function renderApplied(
  { file, before, after, rows }: Applied,
  run: number,
  style: Style,
): string[] {
  const { bold, dim } = style;
  return [
    dim(printable(file)),
    ...diffLines(before, after).map((line) => paintChange(line, style)),
    "",
    `${
      formatRows(rows)
    } of run ${run} would pass now; what only the table checks is not known before.`,
    `Try them: ${bold(`ingest retry ${run}`)}`,
  ];
}

function paintChange(line: string, { cyan, green, red }: Style): string {
  const paint = line.startsWith("-") ? red : line.startsWith("+") ? green : cyan;
  return paint(line);
}

/** Changed lines with `-` and `+`, and the line number before each group of them. */
export function diffLines(before: string, after: string): string[] {
  const [old, now] = [before, after].map((text) => text.replaceAll("\r", "").split("\n"));
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    if (old[i] === now[j] && i < old.length && j < now.length) {
      i++;
      j++;
      continue;
    }
    const [di, dj] = nextSame(old, now, i, j);
    lines.push(`@@ line ${j + 1}`);
    lines.push(...old.slice(i, di).map((line) => `- ${line}`));
    lines.push(...now.slice(j, dj).map((line) => `+ ${line}`));
    [i, j] = [di, dj];
  }
  return lines;
}

/** Where both go on with the same line, after as few others as possible. */
function nextSame(old: readonly string[], now: readonly string[], i: number, j: number) {
  for (let skipped = 1; skipped <= old.length - i + now.length - j; skipped++) {
    for (let a = 0; a <= skipped; a++) {
      const [x, y] = [i + a, j + skipped - a];
      if (x < old.length && y < now.length && old[x] === now[y]) return [x, y] as const;
    }
  }
  return [old.length, now.length] as const;
}
