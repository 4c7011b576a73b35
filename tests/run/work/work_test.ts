/** How `work()` learns of new work. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { workChannel } from "../../../src/ledger/notify.ts";
import { reopenRun, requestCancel } from "../../../src/ledger/runs/run_states.ts";
import { requireRun } from "../../../src/ledger/runs/runs.ts";
import { settle } from "../../../src/ledger/runs/settle.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { working } from "../working.ts";
import { until } from "../../support/until.ts";

const ITEMS = "create table items (id int)";
const DEFINITION = "table: items\n";
const FILE = "id\n1\n";

Deno.test("each schema has its own channel, with a name that fits into Postgres's limit", () => {
  assert.equal(workChannel("ingest"), "ingest_work_ingest");
  const long = ["a", "b"].map((end) => workChannel("ä".repeat(31) + end));
  assert.notEqual(long[0], long[1]);
  for (const channel of long) assert.ok(new TextEncoder().encode(channel).length <= 63);
});

Deno.test("creating, cancelling or reopening a run notifies the listeners, if it is committed", async () => {
  await using shop = await workshop(ITEMS);
  const { ledger } = shop;
  let told = 0;
  let marked = () => {};
  await using listening = await Session.open(shop.database.config, {
    onNotify: (payload) => payload === "mark" ? marked() : told++,
  });
  await listening.execute(`listen ${workChannel("ingest")}`);
  const tellings = async (act: () => Promise<unknown>) => {
    told = 0;
    await act();
    // Notifications arrive in the order in which they were sent.
    await new Promise<void>((resolve) => {
      marked = resolve;
      ledger.query(`select pg_notify('${workChannel("ingest")}', 'mark')`);
    });
    return told;
  };
  assert.equal(await tellings(() => shop.create(DEFINITION, FILE)), 1);
  const run = await requireRun(ledger, 1);
  assert.equal(await tellings(() => requestCancel(ledger, run.id, null)), 1);
  await settle(ledger, run.id, { rows: 1, bytes: 1 });
  assert.equal(await tellings(() => reopenRun(ledger, run.id, null, null)), 1);
  assert.equal(await tellings(() => reopenRun(ledger, run.id, null, null)), 0);
  const undone = () =>
    assert.rejects(ledger.transaction(async () => {
      await requestCancel(ledger, run.id, null);
      throw new Error("thought better of it");
    }));
  assert.equal(await tellings(undone), 0);
});

Deno.test("a run that another process creates is started by its notification, not at the next look", async () => {
  await using shop = await workshop(ITEMS);
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(_: string | URL, options?: WorkerOptions) {
      super(new URL("./unhurried_worker.ts", import.meta.url), options);
    }
  };
  try {
    await working(shop, async () => {
      await until(
        shop.database.admin,
        `(select count(*) = 1 from pg_stat_activity
         where datname = '${shop.database.config.database}'
           and application_name = 'ingest listener' and query like 'listen %')`,
      );
      // A look may happen to coincide with the creation of the first one.
      for (let run = 1; run <= 4; run++) {
        await shop.create(DEFINITION, FILE);
        await untilCompleted(shop, run);
      }
    });
  } finally {
    globalThis.Worker = Worker;
  }
});

Deno.test("a run without a notification is found all the same", async () => {
  await using shop = await workshop(ITEMS);
  await shop.drive(await shop.create(DEFINITION, FILE));
  await working(shop, async () => {
    await shop.session.execute(
      `insert into ingest.runs (importer, definition, source, header, planned_bytes, planned_lines)
       select importer, definition, source, header, (source ->> 'data_start')::bigint,
         (source ->> 'data_line')::bigint - 1
       from ingest.runs`,
    );
    await untilCompleted(shop, 2);
  });
  assert.equal(await count(shop.session, "items"), 2);
});

function untilCompleted(shop: Workshop, runs: number): Promise<void> {
  return until(
    shop.session,
    `(select count(*) = ${runs} from ingest.runs where status = 'completed')`,
  );
}
