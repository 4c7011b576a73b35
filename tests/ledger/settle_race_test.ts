import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { findRun } from "../../src/ledger/runs/runs.ts";
import { requestCancel, startRun } from "../../src/ledger/runs/run_states.ts";
import { settle } from "../../src/ledger/runs/settle.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { workshop } from "../run/importing.ts";

const SIZE = { rows: 10, bytes: 1000 };

Deno.test("a run that is cancelled at the moment when it would complete ends as cancelled", async () => {
  await using shop = await workshop("create table items (id int primary key, name text)");
  const { ledger, session, database } = shop;
  const run = await shop.create("table: items\n", "id,name\n");
  await startRun(ledger, run.id);
  assert.equal(await planRun(ledger, await prepareRun(session, run, "ingest")), "planned");

  await using other = await Session.open(database.config);
  const canceller = new Ledger(other, "ingest");
  await canceller.query("begin");
  await requestCancel(canceller, run.id, "tester");
  // It sees a run that is done, and waits for the row that the canceller has changed.
  const settled = settle(ledger, run.id, SIZE);
  for (let waiting = false; !waiting;) {
    [{ waiting }] = await database.admin.query<{ waiting: boolean }>(
      "select coalesce(bool_or(wait_event_type = 'Lock'), false) as waiting" +
        " from pg_stat_activity where pid = $1::int",
      [session.backendPid],
    );
  }
  await canceller.query("commit");

  assert.deepEqual(await settled, { do: "nothing" });
  assert.equal((await findRun(ledger, run.id))?.status, "cancelling");
  assert.equal((await settle(ledger, run.id, SIZE)).do, "end");
  const ended = await findRun(ledger, run.id);
  assert.deepEqual([ended?.status, ended?.cancel_requested_by], ["cancelled", "tester"]);
});
