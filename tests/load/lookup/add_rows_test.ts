import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { addRows } from "../../../src/load/lookup/add_rows.ts";
import { testDatabase } from "../../support/database.ts";
import { column } from "../../row/rows.ts";

Deno.test("a value that the database can't store is not added in other characters", async () => {
  await using database = await testDatabase();
  const { admin, config } = database;
  const name = `${config.database}_latin1`;
  await admin.execute(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  try {
    await using session = await Session.open({ ...config, database: name });
    await session.execute("create table tags (name text unique)");
    const table = {
      schema: "public",
      name: "tags",
      match: [{
        column: column("name", "text", { equal: "operator(pg_catalog.=)" }),
        type: "pg_catalog.text",
        collate: "",
      }],
      returns: column("name", "text"),
      where: null,
    };
    const { found, added } = await session.transaction(() =>
      addRows(session, table, [["é"], ["2 €"], ["x"]])
    );
    assert.equal(added, 2);
    assert.deepEqual(found[1], { refusal: "the database can't store a character of it" });
    assert.deepEqual(
      await session.query("select name from tags order by name"),
      [{ name: "x" }, { name: "é" }],
    );
  } finally {
    await admin.execute(`drop database ${name} with (force)`);
  }
});
