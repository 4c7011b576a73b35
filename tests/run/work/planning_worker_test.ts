import assert from "node:assert/strict";
import { wantsPlanning } from "../../../src/run/work/planning_worker.ts";
import { findRun } from "../../../src/ledger/runs/runs.ts";
import { workshop } from "../importing.ts";

Deno.test("a plan is taken over when it stands still, not while another process advances it", async () => {
  await using shop = await workshop("create table items (id int primary key)");
  const created = await shop.create("table: items\n", "id\n1\n2\n");
  const begun = { ...created, status: "processing" as const };
  const { data_start } = created.source;
  assert.ok(wantsPlanning(created, undefined));
  assert.ok(wantsPlanning(begun, undefined), "begun, but no byte is planned");
  const halfway = { ...begun, planned_bytes: data_start + 2 };
  assert.equal(wantsPlanning(halfway, undefined), false, "never seen before");
  assert.equal(wantsPlanning(halfway, data_start), false, "it moves");
  assert.ok(wantsPlanning(halfway, data_start + 2), "it stands still");
  for (const status of ["cancelling", "cancelled", "failed", "completed"] as const) {
    assert.equal(wantsPlanning({ ...created, status }, undefined), false, status);
  }
  const failing = { ...begun, error: { code: "x", message: "x" } };
  assert.equal(wantsPlanning(failing, undefined), false);
  await shop.drive(created);
  const ended = await findRun(shop.ledger, created.id);
  assert.equal(wantsPlanning({ ...ended!, status: "processing" }, undefined), false, "planned");
});
