import assert from "node:assert/strict";
import { removeEmbedded, startEmbedded, stopEmbedded } from "../../src/db/embedded.ts";
import { DatabaseUnreachable, type Session, SessionLost } from "../../src/db/session.ts";
import { PoolBusy, SessionPool } from "../../src/db/session_pool.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { silentProxy } from "./silent_proxy.ts";
import { PATIENCE, untilSeen } from "../support/until.ts";

/** However long a test takes, its pool checks and closes no session because of that. */
const PATIENT = { maxWait: PATIENCE, checkAfter: Infinity, idleTimeout: PATIENCE };

const pidOf = (session: Session) => Promise.resolve(session.backendPid);

/** A use that lasts until `end` is called, or the test has failed. */
function hold(pool: SessionPool) {
  const begun = Promise.withResolvers<Session>();
  const end = Promise.withResolvers<void>();
  const done = pool.use(async (session) => {
    begun.resolve(session);
    await end.promise;
  });
  done.catch(begun.reject);
  begun.promise.catch(() => {});
  return { begun: begun.promise, end: end.resolve, done, [Symbol.dispose]: () => end.resolve() };
}

/** Waits until the session knows that it is lost. */
async function untilLost(db: TestDatabase, session: Session): Promise<void> {
  await untilSeen(db.admin, "the session is lost", () => session.lost);
}

async function connections(db: TestDatabase): Promise<number> {
  const [{ n }] = await db.admin.query<{ n: number }>(
    "select count(*) as n from pg_stat_activity where datname = $1 and application_name = 'pool'",
    [db.config.database],
  );
  return n;
}

Deno.test("each caller gets a session, up to the maximum, and the others wait in order", async () => {
  await using db = await testDatabase();
  await using pool = new SessionPool(db.config, { ...PATIENT, max: 2, applicationName: "pool" });
  using ends = new DisposableStack();
  const uses = [1, 2, 3, 4, 5].map(() => ends.use(hold(pool)));
  const begun: number[] = [];
  uses.forEach((use, number) => use.begun.then(() => begun.push(number)));

  const [first, second] = await Promise.all([uses[0].begun, uses[1].begun]);
  assert.notEqual(first, second);
  // A third caller that was admitted by mistake would begin during these statements.
  await Promise.all([first.query("select 1"), second.query("select 1")]);
  assert.deepEqual(begun.sort(), [0, 1]);
  uses[1].end();
  assert.equal(await uses[2].begun, second);
  uses[0].end();
  assert.equal(await uses[3].begun, first);
  uses[3].end();
  await uses[4].begun;
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
  assert.equal(await connections(db), 2);
  uses[2].end();
  uses[4].end();
  await Promise.all(uses.map(({ done }) => done));
});

Deno.test("a session is kept for the next caller, and closed if none comes", async () => {
  await using db = await testDatabase();
  await using keeping = new SessionPool(db.config, { ...PATIENT, max: 3 });
  const pid = await keeping.use(pidOf);
  assert.equal(await keeping.use(pidOf), pid);
  await using closing = new SessionPool(db.config, {
    max: 3,
    idleTimeout: 1,
    checkAfter: Infinity,
  });
  const session = await closing.use((session) => Promise.resolve(session));
  await untilLost(db, session);
  assert.notEqual(await closing.use(pidOf), session.backendPid);
});

Deno.test("a caller that waits too long is told that all are busy, and leaves the queue", async () => {
  await using db = await testDatabase();
  await using pool = new SessionPool(db.config, { max: 1, maxWait: 50 });
  using busy = hold(pool);
  await busy.begun;
  let called = false;
  await assert.rejects(
    pool.use(() => Promise.resolve(called = true)),
    (error) => {
      assert(error instanceof PoolBusy && error.name === "PoolBusy");
      assert.match(error.message, /^All 1 connections [^\n]* within 50 ms\.$/);
      return true;
    },
  );
  busy.end();
  await busy.done;
  using next = hold(pool);
  await next.begun;
  next.end();
  await next.done;
  assert.equal(called, false);
});

Deno.test("a kept session whose connection has ended in the meantime is replaced", async () => {
  await using db = await testDatabase();
  for (const known of [true, false]) {
    // Without a check, the loss must already be known. Otherwise the check finds it out.
    const checkAfter = known ? Infinity : 0;
    await using pool = new SessionPool(db.config, { max: 2, checkAfter });
    const session = await pool.use((session) => Promise.resolve(session));
    const ended = db.admin.query("select pg_terminate_backend($1, 5000)", [session.backendPid]);
    if (known) await untilLost(db, session);
    await ended;
    assert.notEqual(await pool.use(pidOf), session.backendPid);
  }
});

Deno.test("a kept session whose network is cut costs the caller a moment, not its work", async () => {
  await using db = await testDatabase();
  await using proxy = await silentProxy(db.config);
  await using pool = new SessionPool(proxy.config, { max: 2, checkAfter: 0 });
  using first = hold(pool);
  const session = await first.begun;
  const other = await pool.use((session) => Promise.resolve(session));
  first.end();
  await first.done;
  proxy.hold();
  const timer = setTimeout(() => proxy.release(), PATIENCE);
  const replaced = await pool.use(pidOf);
  clearTimeout(timer);
  assert.ok(replaced !== session.backendPid && replaced !== other.backendPid);
  assert.ok(other.lost, "each kept session would cost a moment");
  await db.admin.query("select pg_terminate_backend($1, 5000)", [session.backendPid]);
});

Deno.test("a pool survives a restart of its server, with or without callers in between", async () => {
  const home = await Deno.makeTempDir({ prefix: "ingest-home-" });
  try {
    const config = await startEmbedded(home);
    // This process may see that the server is gone before it sees that its sessions are lost.
    await using pool = new SessionPool(config, { ...PATIENT, max: 2, checkAfter: 0 });
    const fill = async () => {
      const both = [hold(pool), hold(pool)];
      await Promise.all(both.map(({ begun }) => begun));
      both.forEach(({ end }) => end());
      await Promise.all(both.map(({ done }) => done));
    };
    await fill();
    await stopEmbedded(home);
    // More callers than sessions: a session that can't be opened frees its place.
    const results = await Promise.allSettled([1, 2, 3].map(() => pool.use(pidOf)));
    for (const result of results) {
      assert(result.status === "rejected" && result.reason instanceof DatabaseUnreachable);
    }
    await startEmbedded(home);
    await fill();
    await stopEmbedded(home);
    await startEmbedded(home);
    await fill();
  } finally {
    await removeEmbedded(home);
    await Deno.remove(home, { recursive: true });
  }
});

Deno.test("a transaction that was left open is rolled back, and not passed on", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table t (a int primary key)");
  await using pool = new SessionPool(db.config, { max: 1 });
  const boom = new Error("in the middle");
  const works: readonly [(session: Session) => Promise<void>, RegExp | Error][] = [
    [async (session) => void await session.execute("begin; insert into t values (1)"), /left open/],
    [async (session) => {
      await session.execute("begin");
      await session.execute("insert into t values (2)");
      throw boom;
    }, boom],
    // Failed, and not rolled back.
    [async (session) => {
      await session.execute("begin");
      await session.execute("insert into t values (3), (3)");
    }, /duplicate key/],
    [async (session) => {
      await session.execute("begin");
      await assert.rejects(session.query("select 1 / 0 as n"));
    }, /left open/],
  ];
  for (const [work, expected] of works) {
    await assert.rejects(pool.use(work), expected);
    const state = await pool.use(async (session) => {
      assert.equal(session.transactionState, "none");
      await session.execute("insert into t values (10)");
      return session.transactionState;
    });
    assert.equal(state, "none");
    // Others see the row, so it was not part of the transaction left open.
    assert.deepEqual(await db.session.query("delete from t returning a"), [{ a: 10 }]);
  }
});

Deno.test("a session is kept if its transactions ended, even if the work itself failed", async () => {
  await using db = await testDatabase();
  await using pool = new SessionPool(db.config, { ...PATIENT, max: 1 });
  const pid = await pool.use(pidOf);
  await assert.rejects(
    pool.use((session) => session.transaction(() => session.query("select 1 / 0"))),
    /division by zero/,
  );
  await assert.rejects(pool.use((session) => session.query("select $1::int", ["x"])), /invalid/);
  await pool.use((session) => session.query("begin; select 1; commit"));
  await pool.use((session) =>
    session.query("select repeat('Z', 100000) from generate_series(1, 20)")
  );
  assert.equal(await pool.use(pidOf), pid);
});

Deno.test("a statement that was not awaited is not left to the next caller", async () => {
  await using db = await testDatabase();
  await using pool = new SessionPool(db.config, { max: 1 });
  let forgotten: Promise<void> | null = null;
  const pid = await pool.use((session) => {
    forgotten = assert.rejects(session.query("select pg_sleep(10)"), SessionLost);
    return pidOf(session);
  });
  assert.notEqual(await pool.use(pidOf), pid);
  await forgotten;
  await db.admin.query("select pg_terminate_backend($1, 5000)", [pid]);
});

Deno.test("a connection lost midway is reported to its caller, and the next one gets another", async () => {
  await using db = await testDatabase();
  await using pool = new SessionPool(db.config, { max: 1 });
  let calls = 0;
  await assert.rejects(
    pool.use((session) => {
      calls++;
      return session.query("select pg_terminate_backend(pg_backend_pid())");
    }),
    SessionLost,
  );
  assert.equal(calls, 1, "work is never repeated");
  assert.ok(await pool.use(pidOf));
});

Deno.test("a closed pool refuses waiting and new callers, and lets those with a session finish", async () => {
  await using db = await testDatabase();
  const pool = new SessionPool(db.config, { max: 1, applicationName: "pool" });
  using inside = hold(pool);
  const session = await inside.begun;
  const waiting = assert.rejects(pool.use(pidOf), /being closed/);
  let closed = false;
  const closing = pool.close().then(() => closed = true);
  await waiting;
  await assert.rejects(pool.use(pidOf), /being closed/);
  assert.equal((await session.query("select 1")).length, 1);
  assert.equal(closed, false);
  inside.end();
  await inside.done;
  await closing;
  await pool.close();
  assert.equal(session.lost, true);
});
