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

Deno.test("values of a definition that its table can't hold are found before a run, each at its place", async () => {
  await using database = await testDatabase();
  const { session } = database;
  await session.query("create table items (id int primary key, left_on date, shop int)");
  const parsed = parseDefinition(
    [
      "table: items",
      "key: id",
      "scope: {shop: north}",
      "on_absent: {mark: {column: left_on, value: gone}}",
      "options: {transaction: run}",
      "columns:",
      "  id: Id",
      "  shop: {value: none}",
      "  left_on: {from: Left, default: never}",
    ].join("\n"),
    "items.yaml",
  );
  assert.ok(!("problems" in parsed));
  const compared = await compareWithTable(session, { ...parsed, file: "items.yaml" }, "ingest");
  assert.deepEqual(compared.problems.map(({ message }) => message), [
    'items.yaml:3: scope.shop: invalid input syntax for type integer: "north" (column shop)',
    'items.yaml:4: on_absent.mark.value: invalid input syntax for type date: "gone" (column left_on)',
    'items.yaml:8: columns.shop.value: found "none": The shop field must be a whole number',
  ]);
  assert.deepEqual(compared.warnings.map(({ message }) => message), [
    'items.yaml:9: columns.left_on.default: found "never": The left_on field must be a date (yyyy-MM-dd)',
  ]);
});
