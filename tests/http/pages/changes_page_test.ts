/** A run's page says what a dry run, or a run that is held, would change. */
import assert from "node:assert/strict";
import { serving } from "../serving.ts";
import { load, show } from "./browsing.ts";

const options = {
  tables: `create table people (id int primary key, name text, note text);
    insert into people values (1, 'Ann', null), (2, 'Bo', 'x'), (3, 'Cy', 'x')`,
  importers: {
    people: "table: people\nkey: id\non_duplicate: update\non_absent: delete\n" +
      "options: { transaction: run, max_absent: 50% }\ncolumns: { id: id, name: name, note: note }\n",
  },
};

Deno.test("a dry run's page shows old and new values by column, and what isn't in the file", async () => {
  await using api = await serving(options);
  const file = 'id,name,note\n1,"<b>Ann</b>",x\n2,Bea,\n';
  const tried = await load(api, file, { query: { dry_run: "1" } });
  const { body } = await show(api, `/runs/${tried}`);
  const section = /<section data-live="changes">(.*?)<\/section>/su.exec(body)?.[1] ?? "";
  const text = section.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ").trim();
  assert.equal(
    text,
    "What would change " +
      "name 2 rows Ann → &lt;b&gt;Ann&lt;/b&gt; 1 Bo → Bea 2 " +
      "note 2 rows NULL → x 1 x → NULL 2 " +
      "Not in the file, deleted: 3",
  );

  const run = await load(api, file);
  assert.match((await show(api, `/runs/${run}`)).body, /<section data-live="changes"><\/section>/u);
});
