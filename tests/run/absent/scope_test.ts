/** A scope in which there is nothing. */
import assert from "node:assert/strict";
import { workshop } from "../importing.ts";

const TABLE =
  `create table t (id int primary key, region text, gone boolean not null default false);
  insert into t select i, 'eu', i > 2 from generate_series(1, 4) i;`;

function defined(scope: string, onAbsent = "delete"): string {
  return `table: t\nkey: id\non_duplicate: update\non_absent: ${onAbsent}\nscope: ${scope}\n` +
    "options: {transaction: run, max_absent: 100%}\n";
}

const ROWS = "id,region\n1,eu\n9,\n";

Deno.test("a scope that not even the file's own rows are in is told, also by a dry run", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined("{region: [ue, em]}");
  for (const dryRun of [true, false]) {
    const ended = await shop.drive(await shop.create(definition, ROWS, { dryRun }));
    assert.equal(ended.status, "completed");
    assert.deepEqual(ended.absent, { in_scope: 0, absent: 0, deleted: 0 });
    assert.deepEqual(ended.warnings, [
      "No row of the table is in scope (region: ue or em), not even the file's own: so none could " +
      "be absent.",
    ]);
  }
});

Deno.test("a scope that a file is the first of, or of which all rows are marked, is no news", async () => {
  await using shop = await workshop(TABLE);
  const first = await shop.drive(await shop.create(defined("{region: null}"), ROWS));
  assert.deepEqual(first.warnings, []);
  const marked = defined("{region: us}", "{mark: {column: gone, value: true}}") +
    "columns: {id: id, region: region, gone: {value: true}}\n";
  const again = await shop.drive(await shop.create(marked, "id,region\n7,us\n"));
  assert.deepEqual(again.warnings, []);
  const empty = await shop.drive(await shop.create(defined("{region: xy}"), "id,region\n"));
  assert.ok(!empty.warnings.some((each) => each.includes("in scope")), empty.warnings.join("\n"));
});
