/** Hooks beside links and children: what is written, and what is taken back. */
import assert from "node:assert/strict";
import { createUndo } from "../../src/run/request/undo/undo.ts";
import { verifyRun } from "../../src/run/verify/verify_run.ts";
import { type Hooking, hooking } from "./hooking.ts";
import { definition, item, items, ORDERS, row, runAsTried } from "./hooking_children.ts";

Deno.test("the lists of many are lists in JSON and texts elsewhere, and links are those of what hooks leave", async () => {
  const tables = `create table people (name text primary key);
    create table tags (id int generated always as identity primary key, name text unique);
    create table links (person text references people, tag int references tags, unique (person, tag))`;
  const many = (format: string) =>
    `table: people
source: { format: ${format} }
key: name
on_duplicate: update
columns: { name: name }
many:
  - from: Tags
    lookup: { table: tags, match: name, create: true }
    pivot: { table: links, local: person, foreign: tag }
    sync: replace
options: { log_rows: all, batch_rows: 2 }
`;
  const json = (tags: readonly (readonly [string, unknown])[]) =>
    tags.map(([name, Tags]) => JSON.stringify({ name, Tags })).join("\n");
  const links = async (hooks: Hooking) =>
    (await hooks.query(
      `select concat_ws(' ', person, string_agg(t.name, ',' order by t.name)) as list
       from links join tags t on id = tag group by person order by 1`,
    ) as { list: string }[]).map(({ list }) => list);
  await using typed = await hooking(tables, "data.ndjson");
  const given = "{ a: [1, 'x'], b: [], c: undefined, d: 'one,two', e: [[1]], f: [NaN], g: {} }";
  await typed.write(many("json"), "export default () => ({ beforeRow() {} })");
  await typed.run(json(["a", "b", "c", "d"].map((name) => [name, ["old"]])));
  await typed.write(
    many("json"),
    `const given = ${given};
    export default () => ({
      beforeRow(row) {
        if (row.name === "h") row.Tags = row.Tags.filter((tag) => tag !== "gone");
        else row.Tags = given[row.name];
      },
    })`,
  );
  const run = await runAsTried(
    typed,
    json([..."abcdefg"].map((name) => [name, ["old"]])) + `\n${json([["h", ["gone", "new"]]])}`,
  );
  assert.deepEqual(await typed.failures(run), [
    "5 type Tags The Tags field must be a list of texts or numbers.",
    "6 hook Tags beforeRow, for Tags 1, gave NaN; expected text, a number, true, false, a date or null.",
    "7 type Tags The Tags field must be a list of texts or numbers.",
  ]);
  assert.deepEqual(await links(typed), ["a 1,x", "c old", "d one,two", "h new"]);

  await using text = await hooking(tables);
  await text.write(
    many("csv"),
    `export default () => ({
      beforeRow(row) {
        if (row.name === "a") row.Tags = row.Tags.toUpperCase();
        if (row.name === "b") row.Tags = row.Tags.split(",");
      },
    })`,
  );
  const plain = await runAsTried(text, 'name,Tags\na,"x,y"\nb,"x,y"\nc,z\n');
  assert.deepEqual(await text.failures(plain), [
    "2 hook Tags beforeRow, for Tags, gave a list; expected text, a number, true, false, a date or null.",
  ]);
  assert.deepEqual(await links(text), ["a X,Y", "c z"]);
});

const AFTER = `export default () => ({
  async afterBatch({ numbers, sql }) {
    const [{ n }] = await sql\`select count(*)::int as n from items\`;
    await sql\`insert into seen values (\${n})\`;
    if (numbers.includes(2)) throw new Error("Not these.");
  },
})`;

Deno.test("afterBatch finds the children, and takes them back with the rows, also those of rows that were up to date", async () => {
  await using hooks = await hooking(`${ORDERS}; create table seen (n int)`, "data.ndjson");
  await hooks.write(definition(), "export default () => ({ beforeRow() {} })");
  await hooks.run(row(1, [item("old")]));
  await hooks.write(definition(), AFTER);
  // The first row of the table is up to date, and has a new child.
  const file = [row(1, [item("new")]), row(2, [item("b")]), row(3, [item("c")])].join("\n");
  const run = await runAsTried(hooks, file);
  assert.deepEqual(await hooks.failures(run), [
    "1 hook - afterBatch: Not these.",
    "2 hook - afterBatch: Not these.",
  ]);
  assert.deepEqual(await items(hooks), ["1 old X 1", "3 c X 1"]);
  assert.deepEqual(await hooks.query("select n from seen"), [{ n: 2 }]);
  const [{ related }] = await hooks.query(
    `select summary->'related' as related from ingest.runs where id = ${run.id}`,
  ) as { related: unknown }[];
  assert.deepEqual(related, { items: { created: 1, updated: 0, skipped: 0 } });
  await hooks.write(definition(), "export default () => ({ beforeRow() {} })");
  await hooks.retry(run);
  assert.deepEqual(await items(hooks), ["1 new X 1", "1 old X 1", "2 b X 1", "3 c X 1"]);
});

Deno.test("all rows of a batch or of the file, or none, with the children that hooks leave", async () => {
  for (const transaction of ["atomic", "run"]) {
    await using hooks = await hooking(ORDERS, "data.ndjson");
    await hooks.write(
      definition(`, transaction: ${transaction}`),
      `export default () => ({
        beforeRow(row) { for (const each of row.items) each.price = each.price * 2; },
      })`,
    );
    const bad = [row(1, [item("a")]), row(2, [item("b", -1)]), row(3, [item("c", 2)])].join("\n");
    const run = await runAsTried(hooks, bad);
    const failures = await hooks.failures(run);
    assert.ok(
      failures.includes("2 min items.price items 1: The price field must be at least 0."),
      failures.join("\n"),
    );
    assert.deepEqual(await items(hooks), transaction === "atomic" ? ["3 c X 4"] : []);
    await hooks.run([row(1, [item("a")]), row(2, [item("b", 1)])].join("\n"));
    assert.deepEqual((await items(hooks)).slice(0, 2), ["1 a X 2", "2 b X 2"]);
  }
});

Deno.test("verify compares with what hooks make of rows, and an undo takes back the rows and the children that hooks have made", async () => {
  await using hooks = await hooking(ORDERS, "data.ndjson");
  await hooks.write(
    definition(),
    "export default () => ({ beforeRow(row) { row.items.push({ article: { sku: 'gift' } }); } })",
  );
  const run = await hooks.run([row(1, [item("a")]), row(2, [item("b")])].join("\n"));
  assert.equal((await items(hooks)).length, 4);
  const { ledger, database: { config } } = hooks.shop;
  const verify = () => verifyRun(ledger, run.id, { config, workers: 1 });
  assert.equal((await verify()).differs, false, JSON.stringify(await verify()));
  await hooks.drive(await createUndo(ledger, { id: run.id, user: null, dryRun: false }));
  assert.deepEqual(await items(hooks), []);
  assert.deepEqual(await hooks.query("select number from orders"), []);
});
