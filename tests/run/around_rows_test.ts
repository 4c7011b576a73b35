/** Runs of files that hold more than rows. */
import assert from "node:assert/strict";
import { HeaderMismatch } from "../../src/row/compile.ts";
import { workshop } from "./importing.ts";

const TABLE = "create table items (id int primary key, name text not null)";

Deno.test("rows that are left out are told; batches, failures and a dry run know nothing of them", async () => {
  const yaml =
    `{table: items, source: {skip_rows: "^Total", skip_footer: 1}, options: {batch_rows: 2}}`;
  const file = "id,name\n1,a\nTotal,1\n2,b\nid,name\n3,\nTotal,2\n4,d\nsigned,X\n";
  for (const dryRun of [true, false]) {
    await using shop = await workshop(TABLE);
    const run = await shop.drive(await shop.create(yaml, file, { dryRun }));
    assert.deepEqual(run.warnings, [
      "Left out, as skip_rows says: 2 rows (lines 3, 7).",
      "Left out, since the header is repeated there: 1 row (line 5).",
      'The last line is left out, as skip_footer says: "signed,X".',
    ]);
    const failed = await shop.session.query("select row_number, line from ingest.rows");
    assert.deepEqual(failed, [{ row_number: 3, line: 6 }]);
    const rows = await shop.session.query("select id from items order by id");
    assert.deepEqual(rows, dryRun ? [] : [{ id: 1 }, { id: 2 }, { id: 4 }]);
  }
});

Deno.test("if a title stands above the header, the line with the names is named", async () => {
  await using shop = await workshop(TABLE);
  const refused = (file: string) => shop.create("table: items", file);
  // A blank line before the header is skipped anyway.
  const hint = (line: number) =>
    new RegExp(`But line ${line} has the names: load the file with --skip-lines 1,`);
  for (
    const [file, line] of [["Items of May\nid,name\n1,a\n", 2], ["Items\n\x20\nid;name\n1;a\n", 3]]
  ) {
    await assert.rejects(refused(String(file)), (error) => {
      assert.ok(error instanceof HeaderMismatch);
      assert.match(error.message, hint(Number(line)));
      return true;
    });
  }
  await assert.rejects(refused("a,b\n1,2\n"), (error) => {
    assert.ok(error instanceof HeaderMismatch && !error.message.includes("But line"));
    return true;
  });
});

Deno.test("if another delimiter separates the names, it is named", async () => {
  await using shop = await workshop(TABLE);
  for (
    const [delimiter, hint] of [
      ["^", /they fit if "\^" separates them: load the file with --delimiter '\^', or set delim/],
      ["~|~", /they fit if "~\|~" separates them/],
      ["\u0001", /they fit if "\\u0001" separates them: set delimiter: "\\u0001" in a definition/],
    ] as const
  ) {
    const file = ["id,name", "1,a", ""].join("\n").replaceAll(",", delimiter);
    await assert.rejects(shop.create("table: items", file), (error) => {
      assert.ok(error instanceof HeaderMismatch);
      assert.match(error.message, hint);
      return true;
    });
  }
});

Deno.test("a header that is repeated further down than is looked for is told", async () => {
  await using shop = await workshop("create table items (id text, name text)");
  const rows = "1,a long name\n".repeat(80_000);
  const file = `id,name\n${rows}id,name\n2,b\n`;
  const { warnings } = await shop.drive(await shop.create("table: items", file));
  assert.deepEqual(warnings, [
    "The header is repeated on line 80002, and read as a row. " +
    "`skip_rows` in the definition's source can leave such rows out.",
  ]);
});
