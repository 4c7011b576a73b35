import assert from "node:assert/strict";
import { type Workshop, workshop } from "../importing.ts";
import { csvOf } from "./rows.ts";
import { groups, imported, IMPORTER, reasons, rowsOf, undo } from "./undoing.ts";

const TABLE = "create table t (id int primary key, v text); insert into t values (-1, 'before')";

Deno.test("rows that other rows refer to are kept, whatever the foreign key would do", async () => {
  for (const action of ["no action", "restrict", "cascade", "set null", "set default"]) {
    await using shop = await workshop(
      `${TABLE}; create table orders (n int, t int default 1 references t on delete ${action})`,
    );
    const run = await imported(shop, csvOf(1, 100));
    await shop.session.query(
      "insert into orders values (1, 7), (2, 7), (3, 90), (4, -1), (5, null)",
    );
    const before = await rowsOf(shop, "orders");
    const receipt = "completed_with_errors: deleted 98, restored 0, kept 2";
    assert.equal(await undo(shop, run, { dryRun: true }), receipt, action);
    assert.equal((await rowsOf(shop)).length, 101);
    assert.equal(await undo(shop, run), receipt, action);
    assert.deepEqual(await rowsOf(shop), ["(-1,before)", "(7,7)", "(90,90)"], action);
    assert.deepEqual(await rowsOf(shop, "orders"), before, action);
    assert.deepEqual(await reasons(shop), [
      "7 A row of orders refers to this row (orders_t_fkey).",
      "90 A row of orders refers to this row (orders_t_fkey).",
    ]);
    const [{ constraint }] = await shop.session.query<{ constraint: string }>(
      `select errors #>> '{details,0,constraint}' as constraint from ingest.rows
       where run_id = (select max(id) from ingest.runs)`,
    );
    assert.equal(constraint, "orders_t_fkey");
  }
});

Deno.test("foreign keys of several columns, to partitions, and from partitions count as well", async () => {
  await using shop = await workshop(
    `create table t (id int, v text, primary key (id, v)) partition by range (id);
     create table t1 partition of t for values from (0) to (50);
     create table t2 partition of t for values from (50) to (1000);
     create unique index on t2 (id);
     create table whole (a int, b text, foreign key (a, b) references t on delete cascade)
       partition by range (a);
     create table whole1 partition of whole default;
     create table one (a bigint references t2 (id) on delete set null);`,
  );
  const run = await imported(shop, csvOf(1, 100));
  await shop.session.query(
    "insert into whole values (3, '3'), (4, null), (60, '60'); insert into one values (70), (60)",
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 97, restored 0, kept 3");
  assert.deepEqual(await rowsOf(shop), ["(3,3)", "(60,60)", "(70,70)"]);
  assert.deepEqual(await groups(shop), [
    "2 x A row of one refers to this row (one_a_fkey). (referenced)",
    "1 x A row of whole refers to this row (whole_a_b_fkey). (referenced)",
  ]);
});

Deno.test("whoever begins to refer to a row in the last moment waits, and is refused", async () => {
  await using shop = await workshop(
    `${TABLE}; create table orders (t int references t on delete cascade);
     create function look() returns trigger language plpgsql as $$ begin
       perform pg_advisory_xact_lock(7); return old; end $$;
     create trigger look before delete on t for each row when (old.id = 5)
       execute function look()`,
  );
  const run = await imported(shop, csvOf(1, 10));
  const { Session } = await import("../../../src/db/session.ts");
  await using other = await Session.open(shop.database.config);
  await using third = await Session.open(shop.database.config);
  await other.query("begin; select pg_advisory_xact_lock(7)");
  const undone = undo(shop, run, { workers: 1 });
  await untilWaiting(shop, "advisory", () => false, 7);
  let end = "waits";
  const referring = third.query("insert into orders values (6)")
    .then(() => end = "in", () => end = "refused");
  await untilWaiting(shop, "transactionid", () => end !== "waits");
  await other.query("commit");
  assert.equal(await undone, "completed: deleted 10, restored 0, kept 0");
  assert.equal(await referring, "refused");
  assert.deepEqual(await rowsOf(shop, "orders"), []);
});

async function untilWaiting(
  { database: { admin } }: Workshop,
  locktype: string,
  isOver: () => boolean = () => false,
  /** Of an advisory lock. */
  key: number | null = null,
): Promise<void> {
  while (!isOver()) {
    const [{ waits }] = await admin.query<{ waits: boolean }>(
      `select exists (select from pg_locks where not granted and locktype = $1
         and ($2::bigint is null or objid = $2)) as waits`,
      [locktype, key],
    );
    if (waits) return;
    await admin.query("select pg_sleep(0.01)");
  }
}

Deno.test("rows that refer to each other go together, and stay together", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, v int references t on delete cascade);
     insert into t values (-1, null), (-2, -1);`,
  );
  // A chain of 3,000, and a ring of three.
  let file = "id,v\n1,-1\n";
  for (let id = 2; id <= 3_000; id++) file += `${id},${id - 1}\n`;
  file += "5001,\n5002,5001\n5003,5002\n";
  const definition = `${IMPORTER}options: {batch_rows: 700}\n`;
  const run = await imported(shop, file, definition);
  assert.equal(run.status, "completed");
  await shop.session.query(
    "update t set v = 5003 where false; insert into t values (-3, 10), (-4, 5002)",
  );
  assert.equal(
    await undo(shop, run, { dryRun: true }),
    "completed_with_errors: deleted 2991, restored 0, kept 12",
  );
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 2991, restored 0, kept 12");
  const left = (await shop.session.query<{ id: number }>("select id from t order by id")).map((
    row,
  ) => row.id);
  assert.deepEqual(left, [-4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 5001, 5002]);
  await shop.session.query("delete from t where id in (-3, -4)");
  assert.equal(await undo(shop, run), "completed: deleted 12, restored 0, kept 0");
  assert.deepEqual(await rowsOf(shop), ["(-1,)", "(-2,-1)"]);
});

Deno.test("a partitioned table whose rows refer to each other is one piece, too", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, v int references t) partition by hash (id);
     create table t1 partition of t for values with (modulus 2, remainder 0);
     create table t2 partition of t for values with (modulus 2, remainder 1);`,
  );
  const run = await imported(shop, "id,v\n1,\n2,1\n3,2\n4,3\n10,\n");
  await shop.session.query("insert into t values (7, 2)");
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 3, restored 0, kept 2");
  assert.deepEqual(await rowsOf(shop), ["(1,)", "(2,1)", "(7,2)"]);
});

Deno.test("rows that a trigger refuses to delete, or quietly keeps, are kept with the reason", async () => {
  await using shop = await workshop(
    `${TABLE}; create function refuse() returns trigger language plpgsql as $$ begin
       if old.id % 40 = 0 then raise exception 'invoice % is paid', old.v; end if;
       if old.id % 30 = 0 then return null; end if;
       return old; end $$;
     create trigger refuse before delete on t for each row execute function refuse()`,
  );
  const run = await imported(shop, csvOf(1, 100));
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 95, restored 0, kept 5");
  assert.deepEqual(await rowsOf(shop), [
    "(-1,before)",
    "(30,30)",
    "(40,40)",
    "(60,60)",
    "(80,80)",
    "(90,90)",
  ]);
  assert.deepEqual(await groups(shop), [
    "3 x A trigger or rule of t kept the row as it is. (kept_by_trigger)",
    "2 x Postgres refuses to change the row of t: invoice … is paid (database)",
  ]);
});

Deno.test("a trigger that is broken fails the undo, and changes nothing", async () => {
  await using shop = await workshop(
    `${TABLE}; create function broken() returns trigger language plpgsql as $$ begin
       perform nothing_of_the_kind(); return old; end $$;
     create trigger broken before delete on t for each row execute function broken()`,
  );
  const run = await imported(shop, csvOf(1, 100));
  assert.match(
    await undo(shop, run),
    /^failed: Postgres refused to continue: function nothing_of_/u,
  );
  assert.equal((await rowsOf(shop)).length, 101);
  await shop.session.query("drop trigger broken on t");
  assert.equal(await undo(shop, run), "completed: deleted 100, restored 0, kept 0");
});

Deno.test("a deferred constraint trigger keeps its row, and not the batch", async () => {
  await using shop = await workshop(
    `${TABLE}; create function late() returns trigger language plpgsql as $$ begin
       if old.id = 50 then raise exception 'too late'; end if; return null; end $$;
     create constraint trigger late after delete on t deferrable initially deferred
       for each row execute function late()`,
  );
  const run = await imported(shop, csvOf(1, 100));
  assert.equal(await undo(shop, run), "completed_with_errors: deleted 99, restored 0, kept 1");
  assert.deepEqual(await rowsOf(shop), ["(-1,before)", "(50,50)"]);
});
