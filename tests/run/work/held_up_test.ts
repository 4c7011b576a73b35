/** Whoever waits for a lock, or ends its process, holds up no other run. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { claimBatch } from "../../../src/ledger/batches/claim_batch.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { until } from "../../support/until.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { working } from "../working.ts";

const TABLES = "create table a (id int primary key); create table b (id int primary key);" +
  "create table c (id int primary key)";

/** Each run has a file of its own, from the beginning: somebody may plan it at once. */
function create(shop: Workshop, table: string, lines = "1\n2\n3\n4\n"): Promise<Run> {
  return shop.create(`table: ${table}\noptions: { batch_rows: 2 }\n`, `id\n${lines}`, {
    name: `${table}.csv`,
  });
}

/** Plans it, and claims its first batch like a worker that then dies. */
async function abandon(shop: Workshop, run: Run): Promise<void> {
  await startRun(shop.ledger, run.id);
  await planRun(shop.ledger, await prepareRun(shop.session, run, "ingest"));
  assert.ok(await claimBatch(shop.ledger, "fresh", "somebody", { run: run.id }));
}

function completed(shop: Workshop, ...runs: readonly Run[]): Promise<void> {
  const ids = runs.map(({ id }) => id);
  return until(
    shop.session,
    `(select count(*) = ${ids.length} from ingest.runs
      where id in (${ids.join()}) and status = 'completed')`,
  );
}

Deno.test("a locked table holds up neither a rescue nor a fresh run, even with one worker", async () => {
  await using shop = await workshop(TABLES);
  const [a, b, c] = [await create(shop, "a"), await create(shop, "b"), await create(shop, "c")];
  await abandon(shop, b);
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; lock table a in access exclusive mode");
  await working(shop, async () => {
    await completed(shop, b, c);
    assert.equal((await requireRun(shop.ledger, a.id)).status, "processing");
    await locker.query("rollback");
    await completed(shop, a);
  });
  assert.equal(await count(shop.session, "b"), 4);
});

Deno.test("an abandoned batch that waits for a lock holds up no other abandoned or fresh batch", async () => {
  await using shop = await workshop(TABLES);
  const [a, b, c] = [await create(shop, "a"), await create(shop, "b"), await create(shop, "c")];
  await abandon(shop, a);
  await abandon(shop, b);
  await using locker = await Session.open(shop.database.config);
  await locker.query("begin; insert into a values (2)");
  await working(shop, async () => {
    await completed(shop, b, c);
    // The second batch of the same run is fresh.
    await until(shop.session, "(select count(*) from a where id > 2) = 2");
    assert.equal(await count(shop.session, "a"), 2);
    await locker.query("rollback");
    await completed(shop, a);
  });
});

Deno.test("batches that wait for somebody's rows hold up no other run", async () => {
  await using shop = await workshop(TABLES);
  const lines = Array.from({ length: 20 }, (_, i) => `${i}\n`).join("");
  const a = await create(shop, "a", lines);
  await using locker = await Session.open(shop.database.config);
  await locker.query(`begin; insert into a select generate_series(0, 19)`);
  await working(shop, async () => {
    await until(
      shop.session,
      "(select count(*) from pg_locks where not granted and locktype = 'transactionid') >= 2",
    );
    const c = await create(shop, "c");
    await completed(shop, c);
    await locker.query("rollback");
    await completed(shop, a);
  }, 2);
});

Deno.test("a batch that ends its process each time is given up, and takes no other with it", async () => {
  await using shop = await workshop(
    `${TABLES}; create function wait() returns trigger language plpgsql as $$
     begin perform pg_advisory_xact_lock_shared(4242); return null; end $$;
     create trigger wait after insert on a for each statement execute function wait()`,
  );
  const a = await create(shop, "a", "1\n2\n");
  await abandon(shop, a);
  await using gatekeeper = await Session.open(shop.database.config);
  await gatekeeper.query("select pg_advisory_lock(4242)");
  await working(shop, async () => {
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(
        shop.session,
        `(select lone_attempts = ${attempt} from ingest.batches where run_id = ${a.id})
         and exists (select from pg_locks where objid = 4242 and not granted)`,
      );
      for (const pid of await rescuers()) Deno.kill(pid, "SIGKILL");
      // Postgres notices that only when it has got the lock.
      await shop.database.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name like '%rescue ${a.id}'`,
      );
    }
    const c = await create(shop, "c");
    await completed(shop, c);
    await until(shop.session, `exists (select from ingest.runs where status = 'failed')`);
  });
  const { error } = await requireRun(shop.ledger, a.id);
  assert.deepEqual(error, {
    code: "batch_given_up",
    message: "Rows 1 to 2 crashed the program each of the 3 times that they were tried alone.",
  });
});

/** The processes that this one has started to rescue batches. */
async function rescuers(): Promise<readonly number[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,args=", "--ppid", String(Deno.pid)],
  }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .filter((line) => line.includes("__rescue")).map((line) => Number.parseInt(line, 10));
}
