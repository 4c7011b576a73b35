import assert from "node:assert/strict";
import { PostgresError, type Session, SessionLost } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";

const encoder = new TextEncoder();

function lines(from: number, to: number): Uint8Array {
  return encoder.encode(
    Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\tx\n`).join(""),
  );
}

async function count(session: Session): Promise<number> {
  const [{ n }] = await session.query<{ n: number }>("select count(*) as n from t");
  return n;
}

Deno.test("copyIn() resolves with the server's count, which a WHERE can make smaller", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int, b text)");
  assert.equal(
    await session.copyIn("copy t from stdin", [lines(1, 5000), lines(5001, 5010)]),
    5010,
  );
  assert.equal(await session.copyIn("copy t from stdin where a > 3", [lines(1, 5)]), 2);
  assert.equal(await session.copyIn("copy t from stdin", []), 0);
  assert.equal(await count(session), 5012);
});

Deno.test("a refused COPY rejects at once with code and place; a savepoint keeps the transaction", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int primary key, b text)");
  await session.transaction(async () => {
    await session.copyIn("copy t from stdin", [lines(1, 10)]);
    const refusals: readonly [Uint8Array, string, RegExp][] = [
      [encoder.encode("11\tx\nbad\ty\n"), "22P02", /COPY t, line 2, column a: "bad"/],
      [lines(8, 9), "23505", /COPY t, line 1/],
      [encoder.encode("20\n"), "22P04", /COPY t, line 1/],
    ];
    for (const [chunk, code, where] of refusals) {
      // The bad line comes first, megabytes follow: the error must not wait for them to be sent.
      const chunks = [chunk, ...Array.from({ length: 40 }, () => lines(1000, 9000))];
      await assert.rejects(
        session.savepoint("attempt", () => session.copyIn("copy t from stdin", chunks)),
        (error) => {
          assert(error instanceof PostgresError);
          assert.equal(error.code, code);
          assert.match(error.where ?? "", where);
          return true;
        },
      );
    }
    assert.equal(await session.copyIn("copy t from stdin", [lines(11, 20)]), 10);
  });
  assert.equal(await count(session), 20);
});

Deno.test("a COPY that is refused together with the go-ahead, or before it, rejects", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int, b text); create view v as select * from t");
  const refused = async (statement: string, code: string) => {
    await assert.rejects(
      session.copyIn(statement, [lines(1, 5000)]),
      (error) => error instanceof PostgresError && error.code === code,
    );
  };
  for (let i = 0; i < 20; i++) {
    await refused("copy v from stdin", "42809");
    await refused("copy no_such_table from stdin", "42P01");
    await refused("copy t from from stdin", "42601");
  }
  assert.equal(await session.copyIn("copy t from stdin", [lines(1, 2)]), 2);
});

Deno.test("when the chunks throw, the COPY is aborted and their error is thrown", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int, b text)");
  // The code looks like that of a broken connection, but this connection is fine.
  const failure = Object.assign(new Error("disk"), { code: "ECONNRESET" });
  function* chunks() {
    yield lines(1, 10);
    throw failure;
  }
  await assert.rejects(session.copyIn("copy t from stdin", chunks()), (error) => error === failure);
  assert.equal(session.lost, false);
  assert.equal(await count(session), 0);
});

Deno.test("pg_cancel_backend ends a COPY with 57014, and the session lives", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.execute("create table t (a int, b text)");
  let cancelled: Promise<unknown> | undefined;
  function* chunks() {
    const rows = lines(1, 2000);
    // It has no end, and no row of it is kept: the cancellation may take its time.
    for (;;) {
      cancelled ??= db.admin.query("select pg_cancel_backend($1)", [session.backendPid]);
      yield rows;
    }
  }
  await assert.rejects(
    session.copyIn("copy t from stdin where a < 0", chunks()),
    (error) => error instanceof PostgresError && error.code === "57014",
  );
  await cancelled;
  assert.equal(await count(session), 0);
});

Deno.test("copyOut() returns all rows, however many and long, and the session stays usable", async () => {
  await using db = await testDatabase();
  const { session } = db;
  const text = async (query: string) =>
    new TextDecoder().decode(await session.copyOut(`copy (${query}) to stdout`));
  assert.equal(await text("select 1 where false"), "");
  assert.equal(await text("select 1, 'x'"), "1\tx\n");
  const long = "y".repeat(1_000_000);
  assert.equal(
    await text("select repeat('y', 1000000), n from generate_series(1, 3) n"),
    [1, 2, 3]
      .map((n) => `${long}\t${n}\n`).join(""),
  );
  const numbers = Array.from({ length: 100_000 }, (_, i) => `${i + 1}\n`).join("");
  assert.equal(await text("select generate_series(1, 100000)"), numbers);
  assert.equal((await session.query("select 1 as one")).length, 1);
});

Deno.test("a COPY TO STDOUT that fails, at once or midway, rejects", async () => {
  await using db = await testDatabase();
  const { session } = db;
  const refused = async (query: string, code: string) => {
    await assert.rejects(
      session.copyOut(`copy (${query}) to stdout`),
      (error) => error instanceof PostgresError && error.code === code,
    );
  };
  for (let i = 0; i < 20; i++) {
    await refused("select * from no_such_table", "42P01");
    await refused("select 1 / n from generate_series(-50000, 0) n", "22012");
  }
  await session.transaction(async () => {
    await assert.rejects(session.savepoint("attempt", () => session.copyOut("copy x to stdout")));
    assert.equal((await session.copyOut("copy (select 1) to stdout")).length, 2);
  });
});

Deno.test("a connection lost while rows arrive rejects with SessionLost", async () => {
  await using db = await testDatabase();
  const { session } = db;
  const copied = session.copyOut(
    "copy (select pg_sleep(n) from generate_series(0, 60) n) to stdout",
  );
  const [lost] = await Promise.allSettled([
    copied,
    db.admin.query("select pg_terminate_backend($1)", [session.backendPid]),
  ]);
  assert(lost.status === "rejected" && lost.reason instanceof SessionLost);
  assert(session.lost);
});

Deno.test("a COPY whose statement is long can follow another one at once", async () => {
  await using db = await testDatabase();
  const names = Array.from({ length: 300 }, (_, index) => `column_${index}`);
  await db.session.execute(
    `create table wide (${names.map((name) => `${name} int`).join(", ")})`,
  );
  const statement = `copy wide (${names.join(", ")}) from stdin`;
  const row = new TextEncoder().encode(names.map(() => "1").join("\t") + "\n");
  for (let round = 0; round < 20; round++) {
    assert.equal(await db.session.copyIn(statement, [row]), 1);
  }
});
