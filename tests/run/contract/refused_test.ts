/** Files and definitions that don't fit together: no run is made of them. */
import assert from "node:assert/strict";
import { workshop } from "../importing.ts";

const COLUMNS = "columns: { id: Id, name: { from: [Full Name, Name] } }";

/** The options, the file's header, and what is said. */
const REFUSED: readonly (readonly [says: string, options: string, header: string, RegExp])[] = [
  [
    "strict_headers: a mapped column that is missing fails the run",
    "strict_headers: true",
    "Id,Nick",
    /Full Name/u,
  ],
  ["unmapped: fail: a column that nothing uses fails the run", "unmapped: fail", "Id,Name,X", /X/u],
];

Deno.test("a file that doesn't fit is refused as a whole, and says by what", async (test) => {
  await using shop = await workshop("create table t (id int, name text)");
  for (const [says, options, header, words] of REFUSED) {
    await test.step(says, async () => {
      const yaml = `table: t\n${COLUMNS}\noptions: { ${options} }\n`;
      await assert.rejects(shop.create(yaml, `${header}\n1,a,b\n`), { message: words });
      assert.deepEqual(await shop.session.query("select id from ingest.runs"), []);
    });
  }
});
