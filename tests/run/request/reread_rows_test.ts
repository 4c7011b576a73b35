import assert from "node:assert/strict";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { retry, tryRetry } from "../retrying.ts";

const ITEMS = "create table items (id int, v text, w text)";

async function failedRun(shop: Workshop, file: string, definition = "table: items"): Promise<Run> {
  const run = await shop.drive(await shop.create(definition, file));
  assert.equal(run.status, "completed_with_errors");
  return run;
}

/** The table's rows as JSON, in order. */
async function items({ session }: Workshop): Promise<string[]> {
  const rows = await session.query<{ row: string }>(
    "select json_build_array(id, v, w)::text as row from items order by id",
  );
  return rows.map(({ row }) => row);
}

function wanted(definition: string): string {
  return `table: items\nsource: ${definition}`;
}

Deno.test("rows that were short are filled by a retry whose definition says so", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "id,v,w\n1,a\n2,b,c\n3,d,e,\n4,f,g,h\n");
  const again = await retry(shop, run.id, { definition: wanted("{ short_rows: fill }") });
  assert.equal(again.status, "completed_with_errors");
  assert.deepEqual(await items(shop), ['[1, "a", null]', '[2, "b", "c"]', '[3, "d", "e"]']);
});

Deno.test("rows with escapes are read with them by a retry whose definition names the escape", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(
    shop,
    'id,v,w\n1,"say \\"hi\\"",x\n2,a\\, b,x\n3,"two \\"lines\\",\nthat is\nall",x\n4,ok,x\n',
  );
  assert.equal(await count(shop.session, "items"), 1);
  const definition = wanted('{ escape: "\\\\" }');
  const again = await retry(shop, run.id, { definition });
  assert.equal(again.status, "completed");
  assert.deepEqual(await items(shop), [
    '[1, "say \\"hi\\"", "x"]',
    '[2, "a, b", "x"]',
    '[3, "two \\"lines\\",\\nthat is\\nall", "x"]',
    '[4, "ok", "x"]',
  ]);
});

Deno.test("a retry of a retry reads the rows as that one did, edited ones too", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "id,v,w\n1,a\\, b,x\nz,c\\, d,x\n");
  const definition = wanted('{ escape: "\\\\" }');
  const file = "_row_number,_run_id,id,v,w\n1,1,1,back\\slash,y\n2,1,q,new\\slash,y\n";
  const first = await retry(shop, run.id, { definition, file });
  assert.equal(first.status, "completed_with_errors");
  const lenient = `${definition}\ncolumns: { id: { from: id, map: { q: "9" } }, v: v, w: w }`;
  assert.equal((await retry(shop, first.id, { definition: lenient })).status, "completed");
  assert.deepEqual(await items(shop), ['[1, "back\\\\slash", "y"]', '[9, "new\\\\slash", "y"]']);
});

Deno.test("rows that would no longer be one row each aren't retried", async () => {
  await using shop = await workshop(ITEMS);
  // Its quote is never closed, so the row ends with its line, or with the file.
  const run = await failedRun(shop, 'id,v,w\n1,a,b\n2,"c\nd" e,f\n3,g,h\n');
  await assert.rejects(
    tryRetry(shop, run.id, { definition: wanted("{ quote: none }") }),
    (error) => {
      assert.ok(error instanceof Refused, String(error));
      assert.match(error.message, /row 2 of the file would no longer be one row/);
      assert.match(error.message, /ingest retry 1 --original-definition/);
      return true;
    },
  );
  assert.equal(await count(shop.session, "ingest.runs"), 1);
});

Deno.test("what a definition says about the file itself can't change a retry's rows, which is told", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "id,v,w\n1,a,b\nx,c,d\n");
  const definition = wanted('{ delimiter: ";", skip_lines: 1 }');
  const again = await retry(shop, run.id, { definition });
  assert.deepEqual(again.warnings, [
    "The definition's source.delimiter, source.skip_lines can't change the rows of a retry: they " +
    "are divided as in the first run. To read the file anew, run it again.",
  ]);
  // As on the command line: --delimiter, and nothing in the definition.
  const other = await failedRun(shop, "id;v;w\n1;a;b\nx;c;d\n", definition.replace("1 }", "0 }"));
  assert.deepEqual((await retry(shop, other.id, { definition: "table: items" })).warnings, []);
});

Deno.test("an escape that the file's delimiter is, is refused", async () => {
  await using shop = await workshop(ITEMS);
  const run = await failedRun(shop, "id;v;w\n1;a;b\nx;c;d\n");
  await assert.rejects(
    tryRetry(shop, run.id, { definition: wanted('{ escape: ";" }') }),
    /Cannot retry run 1 as the definition says now: A delimiter has no quote/,
  );
});
