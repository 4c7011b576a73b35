import assert from "node:assert/strict";
import { count, workshop } from "./importing.ts";

const NODES =
  "create table nodes (id int primary key, parent int references nodes, name text not null)";

async function importNodes(rows: readonly string[], options: string): Promise<string[]> {
  await using shop = await workshop(NODES);
  const run = await shop.create(
    `table: nodes\nkey: id\non_duplicate: update\noptions: ${options}\n`,
    `id,parent,name\n${rows.join("\n")}\n`,
  );
  const ended = await shop.drive(run, 3);
  const nodes = await shop.session.query<{ node: string }>(
    "select concat_ws(',', id, parent, name) as node from nodes order by id",
  );
  const failed = await count(shop.session, "ingest.rows where status = 'failed'");
  return [ended.status, `${failed} failed`, ...nodes.map(({ node }) => node)];
}

Deno.test("children may come many batches before their parents", async () => {
  const rows = Array.from({ length: 12 }, (_, i) => `${i + 1},${i < 11 ? i + 2 : ""},n${i + 1}`);
  const expected = Array.from(
    { length: 12 },
    (_, i) => i < 11 ? `${i + 1},${i + 2},n${i + 1}` : "12,n12",
  );
  for (const size of [1, 2, 5]) {
    const found = await importNodes(rows, `{ batch_rows: ${size} }`);
    assert.deepEqual(found, ["completed", "0 failed", ...expected.toSorted(byId)], `${size}`);
  }
});

Deno.test("only the row whose parent never comes fails", async () => {
  const rows = ["1,2,a", "2,77,b", "3,,c", "4,3,d"];
  assert.deepEqual(await importNodes(rows, "{ batch_rows: 1 }"), [
    "completed_with_errors",
    "2 failed",
    "3,c",
    "4,3,d",
  ]);
});

Deno.test("a later row with the same key does not overtake one that waits for its parent", async () => {
  // Row 1 waits for row 2, which waits for row 4. Row 3 must stay behind row 1.
  const rows = ["10,99,old", "99,50,x", "10,,new", "50,,y"];
  for (const size of [1, 2, 3, 4]) {
    assert.deepEqual(
      await importNodes(rows, `{ batch_rows: ${size} }`),
      ["completed", "0 failed", "10,new", "50,y", "99,50,x"],
      `${size}`,
    );
  }
  // Here both are in one batch while the first one waits.
  const together = ["1,5,first", "1,,second", "5,4,five", "4,3,four", "3,2,three", "2,,two"];
  assert.deepEqual(
    await importNodes(together, "{ batch_rows: 2 }"),
    ["completed", "0 failed", "1,second", "2,two", "3,2,three", "4,3,four", "5,4,five"],
  );
  const chain = ["1,5,first", "1,5,second", "5,4,five", "4,3,four", "3,,three", "1,3,third"];
  for (const size of [1, 2, 3]) {
    assert.deepEqual(
      await importNodes(chain, `{ batch_rows: ${size} }`),
      ["completed", "0 failed", "1,3,third", "3,three", "4,3,four", "5,4,five"],
      `${size}`,
    );
  }
});

function byId(a: string, b: string): number {
  return Number.parseInt(a) - Number.parseInt(b);
}
