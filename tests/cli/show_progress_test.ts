import assert from "node:assert/strict";
import { showProgress } from "../../src/cli/show_progress.ts";
import type { RunReport } from "../../src/report/report_schema.ts";
import { FINISHED } from "./finished_run.ts";
import { memoryOutput } from "./memory_output.ts";

function view(status: RunReport["status"]) {
  const report: RunReport = { ...FINISHED, status, is_terminal: status === "completed" };
  return { report, workers: 1, waitingOn: null, stuck: false };
}

Deno.test("without a terminal a run's view is needed when a line is due, or the status has changed", () => {
  const { output, stderr } = memoryOutput();
  let now = 0;
  const lines = showProgress(output, stderr, false, () => now);
  assert.equal(lines.wants("processing"), false);
  assert.equal(lines.wants("processing"), false);
  assert.ok(lines.wants("cancelling"));
  assert.equal(stderr.text, "", "asking shows nothing");
  lines.show(view("cancelling"));
  assert.match(stderr.text, /^[^\n]+\n$/u);
  now = 9_999;
  assert.equal(lines.wants("cancelling"), false);
  now = 10_000;
  assert.ok(lines.wants("cancelling"));
  lines.show(view("cancelling"));
  assert.match(stderr.text, /^(?:[^\n]+\n){2}$/u);
  assert.equal(lines.wants("cancelling"), false);
  lines.show(view("completed"));
  assert.match(stderr.text, /^(?:[^\n]+\n){2}$/u, "the end has its own summary");
});

Deno.test("a quiet command never needs a run's view, a terminal needs all of them", () => {
  const quiet = memoryOutput();
  assert.equal(showProgress(quiet.output, quiet.stderr, true).wants("cancelling"), false);
  const terminal = memoryOutput({ columns: 80, rows: 24 });
  const drawing = showProgress(terminal.output, terminal.stderr, false);
  assert.ok(drawing.wants("processing"));
  assert.ok(drawing.wants("processing"));
});
