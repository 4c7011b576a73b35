import assert from "node:assert/strict";
import { tooManyErrors } from "../../src/ledger/batches/max_errors.ts";
import { decide, type SettleView } from "../../src/ledger/runs/settle.ts";

const done: SettleView = {
  status: "processing",
  failing: false,
  planned: true,
  open_batches: 0,
  failed_batches: 0,
  failed_rows: 0,
  processed_rows: 10,
  max_errors: null,
  whole: false,
  dry_run: false,
  waiting_rows: 0,
  broken: null,
};

Deno.test("a run without work in progress ends as its rows say", () => {
  const end = (to: string, from = "processing") => ({ do: "end", from, to });
  const nothing = { do: "nothing" };
  const cases: [string, Partial<SettleView>, unknown][] = [
    ["all rows good", {}, end("completed")],
    ["some rows failed", { failed_rows: 1 }, end("completed_with_errors")],
    ["planning goes on", { planned: false }, nothing],
    ["batches are left", { open_batches: 1 }, nothing],
    ["a batch was given up", { failed_batches: 1 }, nothing],
    ["rows wait", { waiting_rows: 3 }, { do: "next_phase" }],
    ["rows wait, batches are left", { waiting_rows: 3, open_batches: 1 }, nothing],
    ["failing", { failing: true, open_batches: 5, planned: false }, end("failed")],
    ["cancelling", { status: "cancelling", open_batches: 5 }, end("cancelled", "cancelling")],
    [
      "cancelling wins over failing",
      { status: "cancelling", failing: true },
      end(
        "cancelled",
        "cancelling",
      ),
    ],
    ["not begun", { status: "pending" }, nothing],
    ["cancelled already", { status: "cancelled" }, nothing],
    ["completed already", { status: "completed", failing: true }, nothing],
  ];
  for (const [name, view, expected] of cases) {
    assert.deepEqual(decide({ ...done, ...view }), expected, name);
  }
});

Deno.test("a run of a file that is broken fails, once all that could be read of it is loaded", () => {
  const broken = { broken: "f.csv.gz breaks off at byte 7." };
  const error = { code: "broken_source", message: broken.broken };
  const failed = { do: "end", from: "processing", to: "failed", error };
  assert.deepEqual(decide({ ...done, ...broken }), failed);
  assert.deepEqual(decide({ ...done, ...broken, failed_rows: 1 }), failed);
  assert.deepEqual(decide({ ...done, ...broken, open_batches: 1 }), { do: "nothing" });
  assert.deepEqual(decide({ ...done, ...broken, waiting_rows: 1 }), { do: "next_phase" });
});

Deno.test("a run with too many errors fails, even if nobody has reported it before", () => {
  const many: Partial<SettleView> = { failed_rows: 6, max_errors: { rows: 5 } };
  for (const view of [many, { ...many, waiting_rows: 3 }]) {
    const action = decide({ ...done, ...view });
    assert.ok(action.do === "end");
    assert.deepEqual([action.from, action.to], ["processing", "failed"]);
    assert.deepEqual(action.error, tooManyErrors({ rows: 5 }, { processed: 10, failed: 6 }));
  }
  assert.deepEqual(decide({ ...done, ...many, open_batches: 1 }), { do: "nothing" });
  assert.deepEqual(decide({ ...done, ...many, failed_rows: 5 }), {
    do: "end",
    from: "processing",
    to: "completed_with_errors",
  });
});

Deno.test("max_errors judges what is committed; a percentage only after 1,000 rows", () => {
  assert.equal(tooManyErrors(null, { processed: 10, failed: 10 }), null);
  assert.equal(tooManyErrors({ rows: 5 }, { processed: 10, failed: 5 }), null);
  assert.match(tooManyErrors({ rows: 5 }, { processed: 10, failed: 6 })!.message, /^6 rows failed/);
  assert.match(tooManyErrors({ rows: 0 }, { processed: 1, failed: 1 })!.message, /^1 row failed/);
  assert.equal(tooManyErrors({ percent: 10 }, { processed: 999, failed: 999 }), null);
  assert.equal(tooManyErrors({ percent: 10 }, { processed: 1000, failed: 100 }), null);
  assert.match(
    tooManyErrors({ percent: 10 }, { processed: 1000, failed: 101 })!.message,
    /^101 of 1000 rows failed, more than the 10%/,
  );
});
