import assert from "node:assert/strict";
import { renderRuns } from "../../src/cli/render/runs.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import type { RunReport } from "../../src/report/report_schema.ts";
import { FINISHED } from "./finished_run.ts";

const open = { status: "processing", is_terminal: false, completed_at: null } as const;

/** In the time zone of the test. */
function lines(runs: readonly RunReport[], width: number | null): string[] {
  return renderRuns(runs, width, PLAIN).map((line) =>
    line.replace(/\d{4}(-\d\d){2} [\d:]{8}/u, "AT")
  );
}

Deno.test("a list of runs without retries has no columns for them", () => {
  const running: RunReport = {
    ...FINISHED,
    ...open,
    id: 13,
    progress: { ...FINISHED.progress, processed: 614, failed: 0, unresolved: 0 },
  };
  assert.deepEqual(lines([running, FINISHED], null), [
    "run  status                        rows  failed  created              importer   file",
    " 13  processing             614 / 1,000       0  AT  customers  customers.csv",
    " 12  completed_with_errors        1,000      15  AT  customers  customers.csv",
  ]);
});

Deno.test("a run of all rows or none that loaded none is listed with all rows that it tried", () => {
  const tried: RunReport = {
    ...FINISHED,
    status: "failed",
    progress: { ...FINISHED.progress, processed: 15, unresolved: 15, untried: 0 },
  };
  assert.match(lines([tried], null)[1], /^ 12 {2}failed +1,000 +15 {2}AT/u);
  assert.equal(lines([tried], 40)[1], "  1,000 rows, 15 failed");
});

Deno.test("the list shows which run a retry retries, what is a dry run, and what is still unresolved", () => {
  const runs: RunReport[] = [
    { ...FINISHED, id: 14, dry_run: true },
    { ...FINISHED, id: 13, dry_run: true, retried_from_run_id: 12, parent_id: 12 },
    { ...FINISHED, progress: { ...FINISHED.progress, unresolved: 2 } },
  ];
  assert.deepEqual(lines(runs, null).map((line) => line.replace(/ {2}AT.*$/u, "")), [
    "run  status                 kind                   rows  failed  unresolved  created              importer   file",
    " 14  completed_with_errors  dry run               1,000      15            ",
    " 13  completed_with_errors  retry of 12, dry run  1,000      15            ",
    " 12  completed_with_errors                        1,000      15           2",
  ]);
});

Deno.test("on a narrow terminal no count is cut, only the file's name", () => {
  const run: RunReport = {
    ...FINISHED,
    id: 13,
    retried_from_run_id: 12,
    original_filename: "customers of the whole world.csv",
    progress: { ...FINISHED.progress, unresolved: 2 },
  };
  assert.deepEqual(lines([run, { ...FINISHED, ...open, stalled: true }], 40), [
    "13 completed_with_errors  retry of 12",
    "  1,000 rows, 15 failed, 2 unresolved",
    "  AT  customers ← cust…",
    "12 stalled",
    "  1,000 / 1,000 rows, 15 failed",
    "  AT  customers ← cust…",
  ]);
  const [title, line, ...rest] = renderRuns([run], 100, PLAIN);
  assert.match(title, / {2}importer$/u);
  assert.match(line, /retry of 12 .* 15 +2 .* customers$/u);
  assert.deepEqual(rest, []);
  assert.match(lines([FINISHED], 85)[1], / {2}customers…$/u);
});
