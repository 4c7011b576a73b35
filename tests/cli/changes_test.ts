/** What a dry run, or a run that is held, would change, as `run` and `status` tell it. */
import assert from "node:assert/strict";
import { testDatabase } from "../support/database.ts";
import { temporaryFolder } from "./customers.ts";
import { ingest } from "./start_program.ts";

const DEFINITION = `table: prices
key: sku
on_duplicate: update
on_absent: delete
options: { transaction: run, hold_if: updated > 1 }
columns: { sku: SKU, price: Price, note: Note }
`;

Deno.test("a dry run and a held run tell in words what would change in each column", async () => {
  await using db = await testDatabase();
  await db.session.query(
    `create table prices (sku text primary key, price int, note text);
     insert into prices select 'a' || n, n, 'x' from generate_series(1, 40) n`,
  );
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/prices.yaml`, DEFINITION);
  const kept = Array.from({ length: 36 }, (_, i) => `a${i + 4},${i + 4},x\n`);
  await Deno.writeTextFile(
    `${folder.path}/prices.csv`,
    `SKU,Price,Note\na1,10,x\na2,20,\na3,3,x\n${kept.join("")}`,
  );
  const options = { database: db, cwd: folder.path };
  const told = /^price changes in 2 rows: "1" → "10" \(a1\), "2" → "20" \(a2\)$/m;

  const tried = await ingest(["run", "prices", "--file", "prices.csv", "--dry-run"], options);
  assert.equal(tried.code, 0, tried.stderr);
  assert.match(tried.stdout, told);
  assert.match(tried.stdout, /^note changes in 1 row: "x" → NULL \(a2\)$/m);
  assert.match(tried.stdout, /^not in the file, to be deleted: a40$/m);

  const held = await ingest(["run", "prices", "--file", "prices.csv"], options);
  assert.equal(held.code, 8, held.stderr);
  assert.match(held.stdout, told);
  const released = await ingest(["release", "2"], options);
  assert.equal(released.code, 0, released.stderr);
  const { stdout } = await ingest(["status", "2"], options);
  assert.match(stdout, /updated 2/);
  assert.doesNotMatch(stdout, /changes in/);
});
