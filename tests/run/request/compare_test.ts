import assert from "node:assert/strict";
import { Session } from "../../../src/db/session.ts";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { compareWithTable } from "../../../src/run/request/compare.ts";
import { preview } from "../../../src/run/request/preview.ts";
import { testDatabase } from "../../support/database.ts";

Deno.test("a table that somebody has locked is a problem in seconds, not a wait without an end", async () => {
  await using database = await testDatabase();
  const { session } = database;
  await session.query("create table items (id int check (id > 0))");
  await using locker = await Session.open(database.config);
  await locker.query("begin; lock table items in access exclusive mode");
  const parsed = parseDefinition("table: items\n", "items.yaml");
  assert.ok(!("problems" in parsed));
  const compared = await compareWithTable(session, { ...parsed, file: "items.yaml" }, "ingest");
  assert.match(compared.problems[0].message, /The table items is locked by another session/);

  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/items.csv`;
    await Deno.writeTextFile(path, "id\n1\n");
    const { definition } = parsed;
    const looked = await preview(
      { definition, path, name: path, user: null, folder, isBeginning: false, shown: 5 },
      { session, ledgerSchema: "ingest" },
    );
    assert.match(JSON.stringify(looked), /The table items is locked by another session/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
