/** A process that is told to stop finishes its batches, and waits for nobody who hears nothing. */
import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { endedOrSilent } from "../../../src/run/work/ended_or_silent.ts";
import { work } from "../../../src/run/work/work.ts";
import { PATIENCE, until } from "../../support/until.ts";
import { GATE, GATED, gated } from "../gate.ts";
import { count, workshop } from "../importing.ts";

Deno.test("a process that has stood still, and is told to stop, finishes its batches all the same", async () => {
  await using shop = await workshop(`create table t (n int); ${GATED} ${gated("t")}`);
  const { session, database: { config } } = shop;
  await shop.create("table: t\n", "n\n1\n2\n");
  await using gatekeeper = await Session.open(config);
  await gatekeeper.query(`select pg_advisory_lock(${GATE})`);
  const stop = new AbortController();
  const working = work({
    ...{ config, schemaName: "ingest", workers: 1, signal: stop.signal, graceMs: PATIENCE },
  });
  await until(session, `exists (select from pg_locks where objid = ${GATE} and not granted)`);
  // When it wakes up, the last sign of life of each thread is long ago.
  const now = performance.now.bind(performance);
  performance.now = () => now() + 60_000;
  try {
    stop.abort();
    await until(
      session,
      `not exists (select from pg_stat_activity
        where datname = current_database() and application_name = 'ingest planner')`,
    );
    await gatekeeper.query(`select pg_advisory_unlock(${GATE})`);
    await working;
  } finally {
    performance.now = now;
  }
  assert.equal(await count(session, "t"), 2);
  assert.equal(await count(session, "ingest.batches where status = 'completed'"), 1);
});

Deno.test("a thread that gives no sign of life is not waited for without an end, and one that does is", async () => {
  const never = Promise.withResolvers<void>();
  await endedOrSilent({ heardAt: 1, ended: never.promise }, 1);

  const ended = Promise.withResolvers<void>();
  let looks = 0;
  const alive = {
    get heardAt() {
      if (++looks === 100) ended.resolve();
      return looks;
    },
    ended: ended.promise,
  };
  await endedOrSilent(alive, 1);
  assert.ok(looks >= 100, `${looks} looks`);
});
