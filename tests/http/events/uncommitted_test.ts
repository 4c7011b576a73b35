/** What is shown of a run that is loaded as a whole while nothing of it is committed. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { until } from "../../support/until.ts";
import { upload } from "../customer_runs.ts";
import { show } from "../pages/browsing.ts";
import { serving } from "../serving.ts";
import { watch } from "./watching.ts";

const ROWS = Array.from({ length: 200 }, (_, i) => `${i},${i}`).join("\n");

Deno.test("events, reports, lists and pages say how far it is, and that nothing is committed", async () => {
  await using api = await serving({
    tables: `create table t (id int primary key, v int);
      create function gate() returns trigger language plpgsql as $$ begin
        if new.id >= 150 then perform pg_advisory_xact_lock_shared(4242); end if; return new; end $$;
      create trigger gate before insert on t for each row execute function gate();`,
    importers: { t: "table: t\nkey: id\noptions: {transaction: run, batch_rows: 20}\n" },
  });
  await using gatekeeper = await Session.open(api.database.config);
  await gatekeeper.query("select pg_advisory_lock(4242)");
  const id = await upload(api, `id,v\n${ROWS}\n`, "t");
  await using list = await watch(api, "/events");
  await using watching = await watch(api, `/${id}/events`);
  const driven = api.drive(id);
  const uncommitted = {
    ...{ doing: "loading all rows", processed: 140, created: 140, updated: 0, skipped: 0 },
    ...{ failed: 0, percent: 70, failures: [] },
  };
  const isHere = (progress: { uncommitted?: typeof uncommitted }) =>
    progress.uncommitted?.processed === 140;
  const { data } = await watching.until("progress", isHere);
  assert.deepEqual(data.uncommitted, uncommitted);
  assert.deepEqual({ processed: data.processed, percent: data.percent }, {
    processed: 0,
    percent: 0,
  });
  assert.ok(data.rows_per_second > 0 && data.eta_seconds > 0);
  const { progress } = (await api.ask(`/${id}`)).body.data;
  assert.deepEqual([progress.processed, progress.uncommitted], [0, uncommitted]);
  await list.until("changed", ({ data: [run] }) => run !== undefined && isHere(run.progress));
  const page = (await show(api, `/runs/${id}`)).body;
  assert.match(page, /70\.0 % · 140 of 200 rows/u);
  assert.match(page, /not yet committed: nothing is in the table before the end/u);
  assert.match((await show(api, "/")).body, /70\.0 %.*not committed yet/su);
  await gatekeeper.query("select pg_advisory_unlock(4242)");
  await driven;
  const last = (await watching.rest()).findLast(({ event }) => event === "progress");
  assert.deepEqual([last?.data.processed, last?.data.uncommitted], [200, undefined]);
  await until(api.database.session, "not exists (select from ingest.run_uncommitted)");
});
