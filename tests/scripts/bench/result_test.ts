import assert from "node:assert/strict";
import { ALONE, INSERT } from "./result_of.ts";
import { toWorkloadResult } from "../../../scripts/bench/result.ts";
import { renderFigures, renderProfiles, renderWorkloads } from "../../../scripts/bench/tables.ts";

Deno.test("a workload's result has both medians, the ratio of the pairs and a verdict", () => {
  assert.equal(INSERT.ours.median_seconds, 8);
  assert.equal(INSERT.reference?.median_seconds, 10);
  assert.equal(INSERT.ours.peak_megabytes, 208);
  assert.equal(INSERT.ratio, 0.8);
  assert.deepEqual(INSERT.interval, [0.788, 0.812]);
  assert.equal(INSERT.verdict, "ok");
  assert.deepEqual(INSERT.ours.seconds, [8, 8.1, 7.9, 8, 8.2, 8, 7.8]);
});

Deno.test("without its reference, a workload is measured but not judged", () => {
  assert.equal(ALONE.ratio, null);
  assert.equal(ALONE.interval, null);
  assert.equal(ALONE.verdict, "not judged");
  assert.equal(ALONE.ours.median_seconds, 8);
});

Deno.test("a ratio may allow for seconds that the reference doesn't need", () => {
  const [ours, reference] = [INSERT.ours, INSERT.reference!].map(({ name, seconds }) => ({
    name,
    loads: seconds.map((each) => ({ seconds: each, cpuSeconds: null, peakMegabytes: null })),
  }));
  const workload = { name: "small", against: "\\copy", bar: 1, allowance: 6 };
  const result = toWorkloadResult(workload, 10, ours, reference);
  assert.equal(result.ratio, 0.5);
  assert.equal(result.reference?.median_seconds, 10);
});

Deno.test("the table of workloads has a line for each", () => {
  assert.equal(
    renderWorkloads([INSERT, ALONE]),
    `
workload                          against                ours s  theirs s  ratio       95 %   bar     verdict  CPU s  theirs  peak MB
fresh insert, on_duplicate: fail  \\copy <of> the & same    8.00     10.00   0.80  0.79–0.81  0.90          ok   4.00    5.00      208
beside pgloader                   pgloader                 8.00                              0.20  not judged   4.00              208
`.trim(),
  );
});

Deno.test("the table of figures leaves out lists", () => {
  const figure = {
    figure: "errors",
    value: 19.66,
    unit: "ms (p95)",
    bar: 200,
    verdict: "ok" as const,
    details: { median: 17.4, all: [1, 2], looks: 2 },
  };
  const ratio = {
    ...figure,
    figure: "growth",
    value: 1234.5,
    unit: "×",
    bar: null,
    verdict: "short" as const,
    details: {},
  };
  assert.equal(
    renderFigures([figure, ratio]),
    `
figure  value            bar  verdict  besides
errors   19.7  ms (p95)  200       ok  median 17.4, looks 2
growth   1235         ×         short
`.trim(),
  );
});

Deno.test("the table of stages has a column for each profile", () => {
  const stages = [{ stage: "start", seconds: 0.5 }, { stage: "Postgres", seconds: 4 }];
  assert.equal(
    renderProfiles([{ file: "messy file", stages }, { file: "clean file", stages }]),
    `
stage, CPU s  messy file  clean file
start               0.50        0.50
Postgres            4.00        4.00
`.trim(),
  );
});
