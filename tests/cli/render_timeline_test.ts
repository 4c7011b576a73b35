import assert from "node:assert/strict";
import { renderTimeline } from "../../src/cli/render/timeline.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import type { TimelineEntry } from "../../src/report/timeline_schema.ts";

const START = new Date(2026, 10, 23, 18, 4, 11);
const RUN = {
  id: 12,
  importer: "customers",
  original_filename: "customers.csv",
  status: "cancelled",
} as const;

function entry(seconds: number, changes: Partial<TimelineEntry>): TimelineEntry {
  const at = new Date(START.getTime() + 1000 * seconds).toISOString();
  return { id: 1, at, seconds, type: "x", actor: null, text: "", details: null, ...changes };
}

const ENTRIES = [
  entry(0, { type: "created", actor: "ana", text: "customers.csv" }),
  entry(0.04, { type: "started" }),
  entry(75, {
    type: "cancel requested",
    actor: "ci-bot",
    text: "over the API, batches in progress are rolled back",
  }),
];

Deno.test("events are lines with aligned columns, in local time and since the start", () => {
  assert.deepEqual(renderTimeline(RUN, ENTRIES, null, PLAIN), [
    "Run #12  customers ← customers.csv  cancelled",
    "time                 after       what              who     details",
    "2026-11-23 18:04:11  0 s         created           ana     customers.csv",
    "2026-11-23 18:04:11  0 s         started",
    "2026-11-23 18:05:26  1 min 15 s  cancel requested  ci-bot  over the API, batches in " +
    "progress are rolled back",
  ]);
});

Deno.test("on a terminal long details go on below, and nothing is lost", () => {
  assert.deepEqual(
    renderTimeline(RUN, ENTRIES, 84, PLAIN).slice(-3),
    [
      "2026-11-23 18:05:26  1 min 15 s  cancel requested  ci-bot  over the API, batches in",
      "                                                           progress are rolled back",
    ].toSpliced(0, 0, "2026-11-23 18:04:11  0 s         started"),
  );
  const narrow = renderTimeline(RUN, ENTRIES, 30, PLAIN).join(" ").replaceAll(/\s+/gu, " ");
  assert.match(narrow, /over the API, batches in progress are rolled back$/);
});

Deno.test("no name and no details can draw on the terminal or break a line", () => {
  const evil = "a\nb\u001b[2J\u202e";
  const lines = renderTimeline(
    { ...RUN, original_filename: evil },
    [entry(0, { type: evil, actor: evil, text: evil })],
    null,
    PLAIN,
  );
  assert.equal(lines.length, 3);
  // deno-lint-ignore no-control-regex -- that's what it must not have
  assert.ok(lines.every((line) => !/[\u0000-\u001f\u202e]/u.test(line)), lines.join("|"));
});
