import assert from "node:assert/strict";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { Programs } from "../../../src/run/work/programs.ts";
import { workshop } from "../importing.ts";

Deno.test("a loader takes the planner's program once, and only for the same run by the same keys", async () => {
  await using shop = await workshop("create table items (id int primary key)");
  const { ledger, session } = shop;
  const created = await shop.create("table: items\n", "id\n1\n");
  await startRun(ledger, created.id);
  const program = await prepareRun(session, created, "ingest");
  assert.equal(await planRun(ledger, program), "planned");
  const run = await requireRun(ledger, created.id);
  const programs = new Programs();
  const left = (now: typeof run) => {
    programs.leave(program);
    return programs.take(now);
  };
  assert.equal(left(run), program);
  assert.equal(programs.take(run), null);
  assert.equal(left({ ...run, created_at: new Date(0) }), null);
  assert.equal(left({ ...run, source: { ...run.source, mtime: 0 } }), null);
  assert.equal(left({ ...run, planned_keys: "others" }), null);
  programs.leave(program);
  programs.forgetAll();
  assert.equal(programs.take(run), null);
});
