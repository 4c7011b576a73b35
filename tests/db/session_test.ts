import assert from "node:assert/strict";
import {
  type DatabaseConfig,
  DatabaseUnreachable,
  PostgresError,
  Session,
  SessionLost,
} from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";
import { PATIENCE } from "../support/until.ts";

Deno.test("parameters are sent as text, and results are decoded by their type", async () => {
  await using db = await testDatabase();
  const when = new Date("2026-11-23T18:04:11.123Z");
  const [row] = await db.session.query(
    `select $1::jsonb as json, $2::text[] as texts, $3::bytea as bytes, $4::timestamptz as at,
            $5::bigint as big, $6::int[] as numbers, $7::boolean as yes, $8::text as nothing,
            $9::text as text, array[['a', null], ['NULL', '']] as nested, 1.50::numeric as exact,
            date '2026-02-03' as day`,
    [
      JSON.stringify({ a: ["x", 1] }),
      ['quote " backslash \\ comma , brace }', "NULL", null, ""],
      new Uint8Array([0, 92, 255]),
      when,
      Number.MAX_SAFE_INTEGER,
      [1, -2],
      true,
      null,
      "äöü 😀",
    ],
  );
  assert.deepEqual({ ...row }, {
    json: { a: ["x", 1] },
    texts: ['quote " backslash \\ comma , brace }', "NULL", null, ""],
    bytes: new Uint8Array([0, 92, 255]),
    at: when,
    big: Number.MAX_SAFE_INTEGER,
    numbers: [1, -2],
    yes: true,
    nothing: null,
    text: "äöü 😀",
    nested: [["a", null], ["NULL", ""]],
    exact: "1.50",
    day: "2026-02-03",
  });
});

Deno.test("a bigint too large for a number and an ambiguous parameter throw", async () => {
  await using db = await testDatabase();
  await assert.rejects(db.session.query("select 9007199254740993::bigint"), RangeError);
  await assert.rejects(db.session.query("select $1::jsonb", [{ a: 1 }]), /JSON as text/);
  await assert.rejects(db.session.query("select $1::text", [undefined]), TypeError);
  assert.deepEqual(await db.session.query("select 1 as one"), [{ one: 1 }]);
});

Deno.test("execute() counts rows; several statements give the last one's result", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int)");
  assert.equal(await session.execute("insert into t select generate_series(1, $1::int)", [7]), 7);
  assert.deepEqual(await session.query("delete from t; select count(*) as n from t"), [{ n: 0 }]);
});

Deno.test("a transaction commits, or rolls back with what its work threw", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int primary key)");
  const insert = (a: number) => session.execute("insert into t values ($1)", [a]);
  const result = await session.transaction(async () => {
    await insert(1);
    await assert.rejects(
      session.savepoint("one", () => insert(1)),
      (error) => error instanceof PostgresError && error.code === "23505",
    );
    await session.savepoint("two", () => insert(2));
    return "done";
  });
  assert.equal(result, "done");
  await assert.rejects(
    session.transaction(async () => {
      await insert(3);
      throw new Error("mine");
    }),
    /mine/,
  );
  assert.deepEqual(await session.query("select a from t order by a"), [{ a: 1 }, { a: 2 }]);
});

Deno.test("transactions don't nest, and a violated deferred constraint fails the commit", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await assert.rejects(
    session.transaction(() => session.transaction(() => Promise.resolve())),
    /open already/,
  );
  await session.execute("create table t (a int unique deferrable initially deferred)");
  await assert.rejects(
    session.transaction(() => session.execute("insert into t values (1), (1)")),
    (error) => error instanceof PostgresError && error.code === "23505",
  );
  assert.equal(await session.transaction(() => session.execute("insert into t values (1)")), 1);
});

Deno.test("statements called at once run one after another, in order", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int)");
  const results = await Promise.all([
    session.copyIn("copy t from stdin", [new TextEncoder().encode("1\n2\n")]),
    session.query("select count(*) as n from t"),
    session.execute("delete from t where a > $1", [1]),
    session.query("select a from t"),
  ]);
  assert.deepEqual(results, [2, [{ n: 2 }], 1, [{ a: 1 }]]);
});

Deno.test("destroy() rejects pending and later calls, at once", async () => {
  await using db = await testDatabase();
  const session = await Session.open(db.config);
  const pending = session.query("select pg_sleep(60)");
  const queued = session.query("select 1");
  setTimeout(() => session.destroy(), 20);
  await assert.rejects(pending, SessionLost);
  await assert.rejects(queued, SessionLost);
  await assert.rejects(session.query("select 1"), SessionLost);
  assert.equal(session.lost, true);
  await session.close();
  // The server notices only when the statement ends. The test's clean-up would wait for that.
  await db.admin.query("select pg_terminate_backend($1)", [session.backendPid]);
});

Deno.test("close() lets earlier statements finish and refuses later ones", async () => {
  await using db = await testDatabase();
  const session = await Session.open(db.config);
  const before = session.query("select 1 as one, pg_sleep(0.05)");
  const closing = session.close();
  await assert.rejects(session.query("select 2"), SessionLost);
  assert.equal((await before).length, 1);
  await closing;
  await session.close();
});

Deno.test("an idle session whose backend is terminated is lost for good", async () => {
  await using db = await testDatabase();
  const session = await Session.open(db.config);
  await session.execute("begin");
  await db.admin.query("select pg_terminate_backend($1, 5000)", [session.backendPid]);
  await assert.rejects(session.query("select 1"), SessionLost);
  await assert.rejects(session.query("select 1"), SessionLost);
  await session.close();
});

Deno.test("open() says in one line why it can't and what to do", async () => {
  await using db = await testDatabase();
  const config: DatabaseConfig = { ...db.config, password: "right or wrong" };
  const cases: readonly [Partial<DatabaseConfig>, RegExp, boolean][] = [
    [{}, /wrong password for user/, false],
    [{ password: null }, /needs a password\. Put it into/, false],
    [{ ...db.config, database: "no_such" }, /no such database\. Create it/, false],
    [{ host: "127.0.0.1", port: 1 }, /nothing is listening there\. Is the server running/, true],
    [{ host: "/no/such/folder" }, /nothing is listening there/, true],
    [{ host: "no-such-host.invalid" }, /no such host|the lookup of its name failed/, false],
  ];
  for (const [change, message, temporary] of cases) {
    await assert.rejects(Session.open({ ...config, ...change }), (error) => {
      assert(error instanceof DatabaseUnreachable);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n|right or wrong/);
      if (change.host !== "no-such-host.invalid") assert.equal(error.temporary, temporary);
      return true;
    });
  }
});

Deno.test("a server that accepts and then hangs up, or says nothing, is unreachable", async () => {
  await using db = await testDatabase();
  for (const behaviour of ["hang up", "say nothing"]) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const connections: Deno.Conn[] = [];
    const serving = (async () => {
      for await (const connection of listener) {
        if (behaviour === "hang up") connection.close();
        else connections.push(connection);
      }
    })();
    const config = { ...db.config, host: "127.0.0.1", port: listener.addr.port };
    const connectTimeout = behaviour === "hang up" ? PATIENCE : 200;
    await assert.rejects(Session.open(config, { connectTimeout }), (error) => {
      assert(error instanceof DatabaseUnreachable);
      assert.equal(error.temporary, true);
      assert.match(error.message, behaviour === "hang up" ? /hung up/ : /no answer/);
      return true;
    });
    listener.close();
    await serving;
    for (const connection of connections) connection.close();
  }
});
