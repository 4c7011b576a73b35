/**
 * A session whose connection ends at any instant of a transaction with COPY: nothing hangs, no
 * error goes uncaught (Deno would fail the test), nothing is half committed, and a lost session
 * stays lost.
 */
import assert from "node:assert/strict";
import { Session, SessionLost } from "../../src/db/session.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { PATIENCE } from "../support/until.ts";

const ROUNDS = 60;
/** On a busy machine, a round may end long before or after the moment that was chosen for it. */
const MOST_ROUNDS = 600;
/** So many sessions have to be lost, or the test proves nothing. */
const LOST = 15;
const ROWS = 20_000;

Deno.test("a connection that ends at any instant leaves all of the transaction or nothing", async () => {
  await using db = await testDatabase();
  await using admin = await Session.open({ ...db.config, database: "postgres" });
  await db.session.execute("create table t (batch int, n int); create table ledger (batch int)");
  let undisturbed = await duration(() => oneBatch(db, -1, null));

  let lost = 0;
  let batch = 0;
  for (; batch < ROUNDS || lost < LOST && batch < MOST_ROUNDS; batch++) {
    const delay = undisturbed * 1.2 * (batch % ROUNDS / ROUNDS);
    if (await within(PATIENCE, admin, oneBatch(db, batch, delay)) === "lost") lost++;
    // The first one may have been slow.
    else if (batch >= ROUNDS) undisturbed /= 2;
  }

  assert(lost >= LOST, `only ${lost} of ${batch} sessions were lost, so the test proves nothing`);
  const half = await db.session.query(
    `select batch, count(n) as rows, count(ledger.batch) as entries
       from (select batch, count(*) as n from t group by batch) as done
            full join ledger using (batch)
      group by batch, n having n is distinct from $1::bigint or count(ledger.batch) <> 1`,
    [ROWS + 2],
  );
  assert.deepEqual(half, []);
});

/** One transaction like that of a batch: rows, a COPY, a ledger entry. */
async function oneBatch(
  db: TestDatabase,
  batch: number,
  killAfter: number | null,
): Promise<"done" | "lost"> {
  const session = await Session.open(db.config);
  const killing = killAfter === null ? null : kill(db, session, batch, killAfter);
  try {
    await session.transaction(async () => {
      await session.execute("insert into t values ($1, -1)", [batch]);
      await session.copyIn("copy t from stdin", chunks(batch));
      await session.query("select count(*) from t where batch = $1", [batch]);
      await session.execute("insert into t values ($1, -2)", [batch]);
      await session.execute("insert into ledger values ($1)", [batch]);
    });
    return "done";
  } catch (error) {
    assert(error instanceof SessionLost, String(error));
    assert.equal(session.lost, true);
    await assert.rejects(session.query("select 1"), SessionLost);
    await assert.rejects(session.copyIn("copy t from stdin", chunks(batch)), SessionLost);
    return "lost";
  } finally {
    await killing;
    await session.close();
  }
}

/** Ends the connection `after` that many milliseconds, by Postgres's clock. */
async function kill(
  db: TestDatabase,
  session: Session,
  batch: number,
  after: number,
): Promise<void> {
  await db.admin.query("select pg_sleep($1)", [after / 1000]);
  // A third are cut from our side, as the watchdog does when a server doesn't answer.
  if (batch % 3 === 2) session.destroy();
  else await db.admin.query("select pg_terminate_backend($1)", [session.backendPid]);
}

function* chunks(batch: number): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  for (let from = 0; from < ROWS; from += 500) {
    const rows = Array.from({ length: 500 }, (_, i) => `${batch}\t${from + i}\n`);
    yield encoder.encode(rows.join(""));
  }
}

async function duration(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Fails if `work` takes longer. A statement serves as the pause between two looks. */
async function within<T>(milliseconds: number, admin: Session, work: Promise<T>): Promise<T> {
  let settled = false;
  const done = () => void (settled = true);
  work.then(done, done);
  const deadline = Date.now() + milliseconds;
  while (!settled) {
    if (Date.now() > deadline) throw new Error(`hangs for ${milliseconds} ms`);
    await admin.query("select pg_sleep(0.005)");
  }
  return await work;
}
