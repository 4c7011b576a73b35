import { adviceOn } from "../../src/db/advice.ts";
import assert from "node:assert/strict";
import { DatabaseUnreachable, PostgresError, SessionLost } from "../../src/db/connection_errors.ts";
import { backoff, classify, type ErrorKind } from "../../src/db/sqlstate.ts";
import { testDatabase } from "../support/database.ts";

/** Statements that make Postgres raise each error, run in one transaction each. */
const raised: readonly [string, string, ErrorKind][] = [
  ["select 1 / 0", "22012", "data"],
  ["select 'x'::int", "22P02", "data"],
  ["insert into t values (1), (1)", "23505", "data"],
  ["insert into t values (null)", "23502", "data"],
  ["insert into t values (-1)", "23514", "data"],
  ["do $$ begin raise 'no' ; end $$", "P0001", "data"],
  ["do $$ begin assert false; end $$", "P0004", "data"],
  ["insert into v values (200)", "44000", "data"],
  ["insert into t values (7), (7) on conflict (a) do update set a = 7", "21000", "data"],
  ["do $$ begin raise sqlstate '40001'; end $$", "40001", "transient"],
  ["do $$ begin raise sqlstate '40P01'; end $$", "40P01", "transient"],
  ["do $$ begin raise sqlstate '55P03'; end $$", "55P03", "transient"],
  ["set local statement_timeout = 10; select pg_sleep(5)", "57014", "transient"],
  // A trigger lost its connection to another server, say.
  ["do $$ begin raise sqlstate '08006'; end $$", "08006", "transient"],
  ["do $$ begin raise sqlstate '08P01'; end $$", "08P01", "fatal"],
  ["do $$ begin raise sqlstate '57P01'; end $$", "57P01", "lost"],
  ["do $$ begin raise sqlstate '57P03'; end $$", "57P03", "lost"],
  ["select * from no_such_table", "42P01", "fatal"],
  ["set role no_such_role", "22023", "data"],
  ["do $$ begin raise sqlstate '42501'; end $$", "42501", "fatal"],
  ["do $$ begin raise sqlstate '53100'; end $$", "53100", "fatal"],
  ["do $$ begin raise sqlstate 'XX000'; end $$", "XX000", "fatal"],
];

Deno.test("what Postgres raises is classified by its SQLSTATE", async () => {
  await using db = await testDatabase();
  await db.session.execute(`create table t (a int primary key check (a > 0));
    create view v as select a from t where a < 100 with check option`);
  for (const [statement, code, kind] of raised) {
    await assert.rejects(
      db.session.transaction(() => db.session.execute(statement)),
      (error) => {
        assert(error instanceof PostgresError, statement);
        assert.equal(error.code, code, statement);
        assert.equal(classify(error).kind, kind, statement);
        return true;
      },
    );
  }
});

Deno.test("a lost connection, a server that may come back, one that won't, and bugs are told apart", () => {
  assert.equal(classify(new SessionLost("x")).kind, "lost");
  assert.equal(classify(new DatabaseUnreachable("x", { temporary: true })).kind, "lost");
  assert.equal(classify(new DatabaseUnreachable("x", { temporary: false })).kind, "fatal");
  assert.equal(classify(new TypeError("x")).kind, "fatal");
  assert.equal(classify(undefined).kind, "fatal");
});

Deno.test("backoff() doubles up to a limit, and half of it is random", () => {
  const longest = [1, 2, 3, 20, 1000].map((failures) => backoff(failures, () => 1));
  assert.deepEqual(longest, [50, 100, 200, 5000, 5000]);
  const shortest = [1, 2, 3, 20, 1000].map((failures) => backoff(failures, () => 0));
  assert.deepEqual(shortest, [25, 50, 100, 2500, 2500]);
});

Deno.test("a malformed message is the sender's fault; the same SQLSTATE of a pooler is a lost connection", async () => {
  await using db = await testDatabase();
  await db.session.execute("create table t (a bigint)");
  const bytes = new Uint8Array([
    ...new TextEncoder().encode("PGCOPY\n"),
    ...[255, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    // A row of one column with four bytes, where a bigint has eight.
    ...[0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 255, 255],
  ]);
  await assert.rejects(
    db.session.copyIn("copy t from stdin (format binary)", [bytes]),
    (error) => {
      assert(error instanceof PostgresError);
      assert.deepEqual([error.code, classify(error).kind], ["08P01", "fatal"]);
      const pooler = Object.assign(Object.create(PostgresError.prototype), {
        code: "08P01",
        severity: "ERROR",
        message: "server conn crashed?",
      });
      assert.equal(classify(pooler).kind, "lost");
      return true;
    },
  );
  assert.equal(db.session.lost, false);
});

Deno.test("limits of time are named with what to do about them", () => {
  assert.match(adviceOn({ code: "55P03" }), /^ Raise the role's lock_timeout/);
  assert.match(adviceOn({ code: "57014" }), /^ Somebody, or a time limit of the server/);
  assert.equal(adviceOn({ code: "22P02" }), "");
});
