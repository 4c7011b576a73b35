/** How long a run says that it took, if it ends in the middle of a batch. */
import assert from "node:assert/strict";
import { batchSizeOf } from "../../src/ledger/batches/next_phase.ts";
import { requestCancel, requestFailure, startRun } from "../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { workshop } from "./importing.ts";

const FILE = `id\n${Array.from({ length: 60 }, (_, i) => i).join("\n")}\n`;

for (
  const [end, claimed, least, most, transaction = "batch", worker = null] of [
    // Nobody worked on a batch before it was claimed.
    ["failed", "400 s", 400, 600],
    ["failed", null, 0, 100],
    ["cancelled", "400 s", 0, 100],
    ["cancelled", null, 0, 100],
    // It was planned for 300 s, and waited for 300. Its one transaction was rolled back for it, after
    // 400 s; or its process had died.
    ["cancelled", "400 s", 700, 900, "run"],
    ["cancelled", "400 s", 300, 400, "run", "dead"],
  ] as const
) {
  const what = `${claimed === null ? "before" : "while"} a batch was claimed (${transaction}${
    worker === null ? "" : ", its worker is dead"
  })`;
  Deno.test(`a run that has ${end} ${what} took as long as somebody worked on it`, async () => {
    await using shop = await workshop("create table t (id int primary key)");
    const { ledger, session } = shop;
    const run = await shop.create(
      `table: t\noptions: {batch_rows: 20, transaction: ${transaction}}\n`,
      FILE,
    );
    await startRun(ledger, run.id);
    await planRun(ledger, await prepareRun(session, run, "ingest"), { isStopping: () => false });
    await session.query(
      "update ingest.runs set started_at = now() - interval '1000 s', planned_at = now() - interval '700 s'",
    );
    await session.query(
      "update ingest.batches set claimed_at = now() - $1::interval, worker = $2 where number = 1",
      [claimed, worker],
    );
    if (end === "cancelled") await requestCancel(ledger, run.id, "tester");
    else await requestFailure(ledger, run.id, { code: "database", message: "No." });
    await settle(ledger, run.id, batchSizeOf(run.definition));
    const { status, summary } = await requireRun(ledger, run.id);
    assert.equal(status, end);
    const { seconds } = summary ?? {};
    assert.ok(typeof seconds === "number" && seconds >= least && seconds < most, String(seconds));
  });
}
