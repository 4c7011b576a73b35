import assert from "node:assert/strict";
import type { Frame } from "../../src/cli/render/run_bar.ts";
import type { RunView } from "../../src/cli/render/run_heading.ts";
import { renderRun } from "../../src/cli/render/run_status.ts";
import { progressLine } from "../../src/cli/render/next_steps.ts";
import { COLOURED, PLAIN } from "../../src/cli/render/style.ts";
import { displayWidth } from "../../src/cli/render/terminal_text.ts";
import type { ProgressReport, RunReport } from "../../src/report/report_schema.ts";
import { FINISHED } from "./finished_run.ts";

const STARTED = new Date(2026, 10, 23, 18, 4, 11);

const PROGRESS: ProgressReport = {
  total: 1_000_000,
  processed: 614_000,
  successful: 613_854,
  failed: 146,
  created: 611_950,
  updated: 1_904,
  skipped: 0,
  deleted: 0,
  untried: null,
  unresolved: 146,
  unlogged: 0,
  waived: 0,
  deferred: 0,
  percent: 61.4,
  rows_per_second: 182_300,
  eta_seconds: 2.1,
};

function report(
  changes: Partial<RunReport> = {},
  progress: Partial<ProgressReport> = {},
): RunReport {
  return {
    ...FINISHED,
    status: "processing",
    user_id: "ci-bot",
    progress: { ...PROGRESS, ...progress },
    is_terminal: false,
    created_at: STARTED.toISOString(),
    started_at: STARTED.toISOString(),
    completed_at: null,
    ...changes,
  };
}

function view(changes: Partial<RunReport> = {}, progress: Partial<ProgressReport> = {}): RunView {
  return { report: report(changes, progress), workers: 3, waitingOn: null, stuck: false };
}

function frame(width: number, changes: Partial<Frame> = {}): Frame {
  return { width, now: new Date(STARTED.getTime() + 3_400), style: PLAIN, ...changes };
}

const ENDED = {
  is_terminal: true,
  completed_at: new Date(STARTED.getTime() + 6_200).toISOString(),
};

Deno.test("a processing run on 80 columns: name, bar, pace, counts, start", () => {
  assert.deepEqual(renderRun(view(), frame(80)), [
    "Ingest run #12  customers ← customers.csv              processing",
    "████████████████████████░░░░░░░░░░░░░░░░  61.4 %   614,000 / 1,000,000 rows",
    "182,300 rows/s · 2.1 s left · 3 workers",
    "",
    "created 611,950   updated 1,904   skipped 0   failed 146",
    "started 2026-11-23 18:04:11 (3.4 s ago) by ci-bot",
  ]);
});

Deno.test("on 40 columns the same takes more lines", () => {
  assert.deepEqual(renderRun(view(), frame(40)), [
    "Ingest run #12  customers     processing",
    "███████████████████░░░░░░░░░░░░  61.4 %",
    "614,000 / 1,000,000 rows",
    "182,300 rows/s · 2.1 s left · 3 workers",
    "",
    "created 611,950   updated 1,904",
    "skipped 0   failed 146",
    "started 2026-11-23 18:04:11 (3.4 s ago)",
    "by ci-bot",
  ]);
});

Deno.test("on 200 columns nothing is stretched to the edge", () => {
  const lines = renderRun(view(), frame(200));
  assert.equal(
    lines[1],
    "████████████████████████░░░░░░░░░░░░░░░░  61.4 %   614,000 / 1,000,000 rows",
  );
  assert.ok(lines.every((line) => displayWidth(line) <= 80));
});

Deno.test("no line is wider than the terminal, whatever is in it", () => {
  const views = [
    view(),
    view({
      original_filename: "顧客データ一覧表・二〇二六年版.csv",
      importer: "kunden-stammdaten",
    }),
    view({
      warnings: ["x".repeat(300)],
      error: { code: "source", message: "a long story ".repeat(9) },
    }),
    view({ status: "cancelled", ...ENDED }, { untried: 386_000 }),
    view({ stalled: true }),
    view({}, { total: null, percent: null, eta_seconds: null, deferred: 1_234_567 }),
  ];
  for (const width of [10, 19, 20, 33, 40, 41, 79, 80, 81, 200]) {
    for (const one of views) {
      for (const line of renderRun(one, frame(width))) {
        assert.ok(displayWidth(line) <= width, `${width}: ${displayWidth(line)} ${line}`);
      }
    }
  }
});

Deno.test("until planning has counted, the bar moves to and fro and says how many rows so far", () => {
  const planning = view({}, { total: null, percent: null, eta_seconds: null });
  const first = renderRun(planning, frame(80, { now: new Date(0) }))[1];
  const later = renderRun(planning, frame(80, { now: new Date(1000) }))[1];
  assert.match(first, /^█+░+ {2}614,000 rows so far, counting the rest$/);
  assert.notEqual(first, later);
  assert.equal(first.length, later.length);
});

Deno.test("a terminal's control sequences in names and messages are not obeyed", () => {
  const lines = renderRun(
    view({ original_filename: "a\x1b[2Jb\n.csv", user_id: "\x1b]0;x\x07", warnings: ["w\x9b1m"] }),
    frame(80),
  );
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(lines.join(""), /[\x00-\x1f\x7f-\x9f]/);
});

Deno.test("colours are only added: without them the lines are the same", () => {
  const coloured = renderRun(view(), frame(80, { style: COLOURED }));
  // deno-lint-ignore no-control-regex
  assert.deepEqual(coloured.map((l) => l.replace(/\x1b\[\d+m/g, "")), renderRun(view(), frame(80)));
  assert.ok(coloured[0].startsWith("\x1b[1mIngest run #12\x1b[22m"));
});

const UNCOMMITTED = {
  ...{ doing: "loading all rows", processed: 432_100, percent: 43.2, created: 400_000 } as const,
  ...{ updated: 32_000, skipped: 100, failed: 0, failures: [] },
};
const NOTHING_YET = { processed: 0, successful: 0, failed: 0, created: 0, updated: 0, percent: 0 };

Deno.test("of a run that is loaded as a whole, what is done so far is shown, and that it isn't committed", () => {
  const lines = renderRun(view({}, { ...NOTHING_YET, uncommitted: UNCOMMITTED }), frame(100));
  assert.match(lines[1], /^█+░+ {2}43\.2 % {3}432,100 \/ 1,000,000 rows$/u);
  assert.equal(lines[4], "created 400,000   updated 32,000   skipped 100   failed 0");
  assert.equal(
    lines[5],
    "Checked and loaded so far, not yet committed: nothing is in the table before the end.",
  );
  assert.equal(
    progressLine(report({}, { ...NOTHING_YET, uncommitted: UNCOMMITTED })),
    "run 12 processing: 43.2 %, 432,100 of 1,000,000 rows, 182,300 rows/s, 2.1 s left, " +
      "loading all rows, nothing committed yet",
  );
});

Deno.test("that such a run is going to fail, and why, is shown before its end", () => {
  const failures = [{ message: "The age field must be a number.", column: "age", rows: 1_204 }];
  const uncommitted = {
    ...UNCOMMITTED,
    ...{ doing: "looking for all failed rows", failed: 1_204, failures } as const,
  };
  const lines = renderRun(view({}, { ...NOTHING_YET, uncommitted }), frame(120));
  assert.ok(lines[4].endsWith("failed 1,204"));
  assert.deepEqual(lines.slice(5, 7), [
    "Not all rows can be loaded, so the table stays as it was: all are tried once more, to find each one that fails.",
    "1,204 × The age field must be a number.",
  ]);
});

/** A run's last lines: its outcome, and what to do next. */
const ENDS: readonly (readonly [string, RunView, string | null])[] = [
  ["completed", view({ status: "completed", ...ENDED }, { failed: 0 }), null],
  [
    "completed with errors",
    view({ status: "completed_with_errors", ...ENDED }),
    "Try them again: ingest retry 12",
  ],
  [
    "cancelled",
    view({ status: "cancelled", ...ENDED }, { untried: 386_000 }),
    "613,854 rows committed, 146 failed, 386,000 never tried. Resume it: ingest resume 12",
  ],
  [
    "cancelled before the rows were counted",
    view({ status: "cancelled", ...ENDED }, {
      total: null,
      percent: null,
      failed: 0,
      successful: 614_000,
    }),
    "614,000 rows committed, the rest of the file was never tried. Resume it: ingest resume 12",
  ],
  [
    "failed, and completed by another one",
    view({ status: "failed", completed_by_run_id: 13, ...ENDED }),
    "All of its rows are loaded by another run: ingest status 13",
  ],
  [
    "stalled",
    view({ stalled: true }),
    "Stalled: no process works on it any more. Resume it: ingest resume 12",
  ],
  [
    "stalled while it was being cancelled",
    view({ stalled: true, status: "cancelling" }),
    "Stalled: no process is left to end it. End it here: ingest cancel 12",
  ],
  [
    "pending",
    view({ status: "pending", started_at: null }, { processed: 0 }),
    "Waiting for a worker. If neither `ingest work` nor `serve` is running, run it here: ingest resume 12",
  ],
];

for (const [name, run, last] of ENDS) {
  Deno.test(`the last line of a run that is ${name} says what to do next`, () => {
    const lines = renderRun(run, frame(120));
    if (last === null) {
      assert.match(lines.at(-1) ?? "", /^started .* by ci-bot, took 6.2 s, 99,032 rows\/s/);
    } else assert.equal(lines.at(-1), last);
  });
}

Deno.test("a failed run shows its message under the counts, then its receipt", () => {
  const failed = view(
    { status: "failed", error: { code: "source", message: "The file became shorter." }, ...ENDED },
    { untried: 386_000 },
  );
  const lines = renderRun(failed, frame(120));
  const counts = lines.findIndex((line) => line.startsWith("created"));
  const message = lines.indexOf("The file became shorter.");
  // Resuming needs the same file.
  const receipt = lines.findIndex((line) =>
    line.endsWith("never tried. Resume it once the file is as it was: ingest resume 12")
  );
  assert.ok(0 < counts && counts < message && message < receipt);
});

Deno.test("a command to copy is not broken while it fits on a line", () => {
  const cancelled = view({ status: "cancelled", ...ENDED }, { untried: 386_000 });
  assert.deepEqual(renderRun(cancelled, frame(40)).slice(-6), [
    "146 rows failed. See why:",
    "ingest errors 12",
    "",
    "613,854 rows committed, 146 failed,",
    "386,000 never tried. Resume it:",
    "ingest resume 12",
  ]);
});

Deno.test("a line of a log says where the run is", () => {
  assert.equal(
    progressLine(report()),
    "run 12 processing: 61.4 %, 614,000 of 1,000,000 rows, 182,300 rows/s, 2.1 s left, 146 failed",
  );
  assert.equal(
    progressLine(report({}, { total: null, percent: null, eta_seconds: null, failed: 0 })),
    "run 12 processing: 614,000 rows so far, 182,300 rows/s",
  );
});

Deno.test("a blocked run says what blocks it, and what to do while it is being cancelled", () => {
  const held = "batches 1, 2 wait for table customers, locked by psql (pid 4711)";
  const blocked = { ...view(), waitingOn: held };
  const lines = renderRun(blocked, frame(80));
  assert.equal(lines[3], `B${held.slice(1)}`);
  const cancelling = renderRun(
    { ...view({ status: "cancelling" }), waitingOn: `${held}\nbatch 3 waits for a row` },
    frame(80),
  );
  assert.deepEqual(cancelling.slice(3, 7), [
    `B${held.slice(1)}`,
    "Batch 3 waits for a row",
    "Finishing the batches in progress first.",
    "Roll them back at once: ingest cancel 12 --now",
  ]);
  const narrow = renderRun({ ...blocked, waitingOn: `${held}\x1b[2J` }, frame(40));
  assert.ok(narrow.every((line) => displayWidth(line) <= 40 && !line.includes("\x1b")));
});

Deno.test("stalled and stuck are shown next to the status, with what to do about it", () => {
  assert.match(renderRun(view({ stalled: true }), frame(80))[0], / processing \(stalled\)$/);
  const stuck = renderRun({ ...view(), stuck: true }, frame(100));
  assert.match(stuck[0], / processing \(stuck\)$/);
  assert.ok(
    stuck.includes("Its process is suspended or cut off. Resume without it: ingest resume 12"),
  );
});

Deno.test("status says who cancelled a run, and when", () => {
  const asked = {
    cancel_requested_at: STARTED.toISOString(),
    cancel_requested_by: "ana\u001b[31m",
  };
  const lines = (changes: Partial<RunReport>) => renderRun(view(changes), frame(80));
  const cancelling = lines({ ...asked, status: "cancelling" });
  assert.ok(cancelling.includes("cancel requested by ana�[31m, 2026-11-23 18:04:11"));
  const cancelled = lines({ ...asked, ...ENDED, status: "cancelled" });
  assert.ok(cancelled.includes("cancelled by ana�[31m, 2026-11-23 18:04:11"));
  const nobody = lines({ ...asked, ...ENDED, cancel_requested_by: null, status: "cancelled" });
  assert.ok(nobody.includes("cancelled, 2026-11-23 18:04:11"));
});
