/** Several servers, and passwords that have more than one form. */
import assert from "node:assert/strict";
import { saslprep } from "../../src/db/saslprep.ts";
import { type DatabaseConfig, DatabaseUnreachable, Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";

Deno.test("the first server that can be used is used", async () => {
  await using db = await testDatabase();
  const nobody = { ...db.config, host: "127.0.0.1", port: 1 };
  await using session = await Session.open({ ...nobody, others: [nobody, db.config] });
  assert.deepEqual(await session.query("select 1 as one"), [{ one: 1 }]);
  assert.equal(session.config.others?.length, 2);
  await assert.rejects(
    Session.open({ ...nobody, others: [{ ...nobody, port: 2 }] }),
    (error) =>
      error instanceof DatabaseUnreachable && error.temporary &&
      /127\.0\.0\.1:1, .*127\.0\.0\.1:2, /.test(error.message),
  );
  // A server that refuses the user ends the search.
  await assert.rejects(
    Session.open({ ...db.config, user: "nobody at all", password: "x", others: [db.config] }),
    /wrong password/,
  );
});

Deno.test("a server that accepts no writes is passed over if the user wants one that does", async () => {
  await using db = await testDatabase();
  const startup = { options: "-c default_transaction_read_only=on" };
  const readOnly: DatabaseConfig = { ...db.config, startup, target: "read-write" };
  await using session = await Session.open({ ...readOnly, others: [db.config] });
  assert.deepEqual(await session.query("show transaction_read_only"), [
    { transaction_read_only: "off" },
  ]);
  await assert.rejects(Session.open(readOnly), /accepts no writes at the moment \(target_session/);
  await using any = await Session.open({ ...readOnly, target: undefined });
  assert.deepEqual(await any.query("show transaction_read_only"), [
    { transaction_read_only: "on" },
  ]);
});

Deno.test("a password means the same however its characters are written, as in psql", async () => {
  await using db = await testDatabase();
  const role = `role_${db.config.database}`;
  const passwords = ["ﬁve\u00a0é", "cafe\u0301", "a\u00adb\u200d", "Ⅸ", "bell\u0007\u00e9", "₽ﬁ😀"];
  for (const password of passwords) {
    // Postgres itself prepares it, or leaves it as it is.
    await db.session.execute(`create role ${role} login password '${password}'`);
    const config = { ...db.config, user: role, password };
    await using session = await Session.open(config);
    assert.deepEqual(await session.query("select current_user as me"), [{ me: role }]);
    await assert.rejects(Session.open({ ...config, password: `${password}x` }), /wrong password/);
    await session.close();
    await db.session.execute(`drop role ${role}`);
  }
});

Deno.test("saslprep() does what RFC 4013 shows in its examples", () => {
  assert.equal(saslprep("I\u00adX"), "IX");
  assert.equal(saslprep("user"), "user");
  assert.equal(saslprep("\u00aa"), "a");
  assert.equal(saslprep("\u2168"), "IX");
  // Forbidden: as it is.
  assert.equal(saslprep("ﬁ\u0007"), "ﬁ\u0007");
  assert.equal(saslprep("\u00ad"), "\u00ad");
});
