/** NULL and empty texts, compared with COPY's own reading of the same file. */
import assert from "node:assert/strict";
import { workshop } from "./importing.ts";

const FILE = `id,a,b
1,,x
2,"",x
3,"  ",x
4,NULL,x
5,"NULL",x
6,"a ""quoted"" word",x
7,é,""
8,,
9,"",""
`;

Deno.test("null_values: {unquoted: …} reads the file as COPY does", async () => {
  await using shop = await workshop(
    "create table t (id int, a text, b varchar(5)); create table copied (like t)",
  );
  const { session } = shop;
  for (const word of ["", "NULL"]) {
    await session.execute("truncate t, copied");
    await session.copyIn(`copy copied from stdin (format csv, header, null '${word}')`, [
      new TextEncoder().encode(FILE),
    ]);
    const run = await shop.drive(
      await shop.create(
        `table: t\nsource: { null_values: { unquoted: ["${word}"] } }\n` +
          "columns: { id: id, a: { trim: false }, b: { trim: false } }\n",
        FILE,
      ),
    );
    assert.equal(run.status, "completed");
    const [{ other }] = await session.query<{ other: number }>(
      "select count(*)::int as other from t full join copied c using (id) where t::text is distinct from c::text",
    );
    assert.equal(other, 0, word);
  }
});
