import assert from "node:assert/strict";
import { runStep } from "../../src/cli/render/run_step.ts";
import type { LogEntry } from "../../src/observe/log_entry.ts";

const step = (message: string, more: Record<string, unknown> = {}) =>
  runStep({ level: "info", message, run_id: 7, importer: "people", ...more } as LogEntry);

Deno.test("each step of a run is one line for people", () => {
  const counts = { created: 1200, updated: 0, skipped: 1, failed: 2, seconds: 12 };
  const cases: readonly (readonly [string, string])[] = [
    [step("run created", { by: "ana", file: "a.csv" }), "created by ana, from a.csv"],
    [step("run created", { dry_run: true, file: "a.csv" }), "created, a dry run, from a.csv"],
    [step("run started"), "started"],
    [step("run planned", { rows: 1 }), "planned, 1 row"],
    [
      step("run completed", { status: "completed_with_errors", ...counts }),
      "completed: 1,200 created, 0 updated, 1 skipped, 2 failed, 12 s",
    ],
    [
      step("run cancelled", { ...counts, untried: 5 }),
      "cancelled: 1,200 created, 0 updated, " +
      "1 skipped, 2 failed, 12 s",
    ],
    [step("run cancel requested", { by: "ana" }), "cancel requested by ana"],
    [step("run failed", { error: { code: "x", message: "No table." } }), "failed: No table"],
    [
      step("run left to others", { host: "web2", because: "p.js is gone. Put it back." }),
      "left to others by web2: p.js is gone. Put it back",
    ],
    [step("run failed", { error: null }), "failed: reason unknown"],
  ];
  for (const [line, words] of cases) assert.equal(line, `Run 7 (people): ${words}.`);
  assert.equal(step("batch given up"), "A batch of run 7 (people) was given up.");
  assert.equal(runStep({ level: "info", message: "It is back." }), "It is back.");
});

Deno.test("a file's name, a person or an error can't forge a line or a colour", () => {
  const evil = "x\n\x1b[31mRun 8 (pay): completed\u202e";
  for (const more of [{ by: evil }, { file: evil }, { error: { message: evil } }]) {
    const line = step("error" in more ? "run failed" : "run created", more);
    assert.match(line, /^Run 7 \(people\): [\x20-\x7e�]*$/);
  }
});
