/** What hooks may do with rows, in runs. What they do wrong is in hooks_fenced_test.ts. */
import assert from "node:assert/strict";
import { hooking } from "./hooking.ts";

const PEOPLE =
  "create table people (id int primary key, name text not null, balance numeric, note text)";
const DEFINITION = `
table: people
key: id
on_duplicate: update
columns:
  id: Nr
  name: Name
  balance: {from: Balance, type: numeric, decimal: ",", thousands: "."}
  note: {from: Note, transform: [lower], max_length: 12}
options: {batch_rows: 4}
`;

Deno.test("hooks change rows, refuse them, and give columns their values; a dry run says the same", async () => {
  await using hooks = await hooking(
    `${PEOPLE}; create table log (first int, names text, dry boolean)`,
  );
  await hooks.write(
    DEFINITION,
    `export default ({ z }) => ({
      schema: z.object({ Name: z.string().min(2, "too short"), Nr: z.coerce.number().int() }),
      beforeRow(row, { number, run, dry_run }) {
        if (row.Name === "bad") throw new Error("No bad people.");
        if (typeof row.Nr !== "number" || run === null) throw new Error("what?");
        if (row.Name === "gone") delete row.Name;
        if (row.Name === "odd") return 5;
        if (row.Name === "more") row.Other = 1;
        if (row.Name === "list") row.Note = ["a"];
        if (row.Name === "other") return { ...row, Name: "Another", Balance: 1234.5 };
        row.Name = row.Name?.trim();
      },
      columns: {
        note(value, row, { number, dry_run }) {
          if (value === "nan") return NaN;
          if (value === "object") return {};
          if (value === "nothing") return;
          if (value === "later") return Promise.resolve("x");
          if (value === "throw") throw new Error("Not this note.");
          if (value === "null") return null;
          return value + " " + row.Name;
        },
      },
      async afterBatch({ rows, numbers, sql, dry_run }) {
        const [{ total }] = await sql\`select count(*) as total from people\`;
        if (total < rows.length) throw new Error("The rows are not there.");
        const names = rows.map((row) => row.Name).join();
        await sql\`insert into log values (\${numbers[0]}, \${names}, \${dry_run})\`;
      },
    })`,
  );
  const file = `Nr,Name,Balance,Note
1,  Ann ,"1.000,5",AB
2,bad,1,x
3,x,1,x
4,gone,1,x
5,odd,1,x
6,more,1,x
7,list,1,x
8,other,1,ab
x,Zed,1,x
10,Bob,1,nan
11,Bob,1,object
12,Bob,1,nothing
13,Bob,1,later
14,Bob,1,throw
15,Bob,1,null
16,Bob,1,much too long
`;
  const dry = await hooks.run(file, true);
  const expected = [
    "2 hook - No bad people.",
    "3 hook name Name: too short",
    "4 required name The name field is required.",
    "5 hook - beforeRow returned a number; expected nothing, or the row.",
    "6 hook - beforeRow set Other, and the file has no column of that name.",
    "7 hook note beforeRow, for Note, gave a list; expected text, a number, true, false, a date or null.",
    "9 hook id Nr: Invalid input: expected number, received NaN",
    "10 hook note The function for note gave NaN; expected text, a number, true, false, a date or null.",
    "11 hook note The function for note gave an object; expected text, a number, true, false, a date or null.",
    "12 hook note The function for note gave nothing; expected text, a number, true, false, a date or null.",
    "13 hook note The function for note gave a promise; expected text, a number, true, false, a date or null.",
    "14 hook note Not this note.",
    "16 max_length note The note field must not be longer than 12 characters.",
  ];
  assert.deepEqual(await hooks.failures(dry), expected);
  assert.deepEqual(await hooks.query("select * from people"), []);
  assert.deepEqual(await hooks.query("select * from log"), []);
  const run = await hooks.run(file);
  assert.deepEqual(await hooks.failures(run), expected);
  assert.deepEqual(await hooks.query("select * from people order by id"), [
    { id: 1, name: "Ann", balance: "1000.5", note: "ab Ann" },
    { id: 8, name: "Another", balance: "1234.5", note: "ab Another" },
    { id: 15, name: "Bob", balance: "1", note: null },
  ]);
  assert.deepEqual(await hooks.query("select * from log order by first"), [
    { first: 1, names: "Ann", dry: false },
    { first: 8, names: "Another", dry: false },
    { first: 15, names: "Bob", dry: false },
  ]);
});

Deno.test("of JSON, what a hook leaves alone stays as the file has it", async () => {
  await using hooks = await hooking(
    "create table t (id bigint, name text, data jsonb, tags jsonb, ok boolean, price numeric)",
    "data.json",
  );
  await hooks.write(
    `
table: t
columns:
  id: id
  name: name
  data: data
  tags: tags
  ok: ok
  price: {from: price, type: numeric, decimal: ","}
`,
    `export default () => ({
      beforeRow(row) {
        if (typeof row.id !== "number") throw new Error("no number");
        row.seen = undefined;
        delete row.seen;
        row.name = row.name === null ? "none" : row.name + "!";
        row.tags.push("new");
        if (row.price === 2.5) row.price = 1e-7;
        if (row.data === "text") row.data = { made: [1, "\\u00fc"] };
        row.ok = !row.ok;
      },
    })`,
  );
  const run = await hooks.run(
    `[{"id": 9007199254740993, "name": "A \\"b\\"", "data": {"n": 12345678901234567890}, "tags": ["x"], "ok": true, "price": 1.50},
      {"id": 2, "name": null, "data": "text", "tags": [], "ok": false, "price": 2.5}]`,
  );
  assert.deepEqual(await hooks.failures(run), []);
  assert.deepEqual(
    await hooks.query(
      "select id::text, name, data::text, tags::text, ok, price from t order by price desc",
    ),
    [
      {
        id: "9007199254740993",
        name: 'A "b"!',
        data: '{"n": 12345678901234567890}',
        tags: '["x", "new"]',
        ok: false,
        price: "1.50",
      },
      {
        id: "2",
        name: "none",
        data: '{"made": [1, "ü"]}',
        tags: '["new"]',
        ok: true,
        price: "0.0000001",
      },
    ],
  );
});

for (const [strategy, winner] of [["update", 3], ["skip", 1]] as const) {
  Deno.test(`if hooks make keys equal, the rows are still taken in the file's order: ${strategy}`, async () => {
    await using hooks = await hooking("create table k (email text primary key, row int)");
    await hooks.write(
      `
table: k
key: email
on_duplicate: ${strategy}
columns: {email: E-Mail, row: Row}
options: {batch_rows: 3}
`,
      `export default () => ({ beforeRow(row) { row["E-Mail"] = row["E-Mail"].toLowerCase(); } })`,
    );
    const rows = Array.from({ length: 30 }, (_, index) => {
      const name = `p${index % 10}@x.org`;
      return `${
        index < 10 ? name : index < 20 ? name.toUpperCase() : `P${name.slice(1)}`
      },${index}`;
    });
    const run = await hooks.run(`E-Mail,Row\n${rows.join("\n")}\n`);
    assert.deepEqual(await hooks.failures(run), []);
    const expected = Array.from({ length: 10 }, (_, index) => ({
      email: `p${index}@x.org`,
      row: index + 10 * (winner - 1),
    }));
    assert.deepEqual(await hooks.query("select * from k order by email"), expected);
    assert.equal(run.in_order, true);
  });
}

Deno.test("look-ups find what hooks have made of a value", async () => {
  await using hooks = await hooking(
    `create table companies (id int primary key, name text unique);
     insert into companies values (1, 'Acme'), (2, 'Beta');
     create table t (n int, company_id int references companies)`,
  );
  await hooks.write(
    `
table: t
columns:
  n: n
  company_id: {from: Company, lookup: {table: companies, match: name}}
`,
    `export default () => ({
      columns: { company_id: (value) => value === "ACM" ? "Acme" : value },
    })`,
  );
  const run = await hooks.run("n,Company\n1,ACM\n2,Beta\n3,Betta\n");
  assert.deepEqual(await hooks.failures(run), [
    "3 lookup company_id No companies row has this name.",
  ]);
  assert.deepEqual(await hooks.query("select * from t order by n"), [
    { n: 1, company_id: 1 },
    { n: 2, company_id: 2 },
  ]);
});

Deno.test("a run of all rows or none takes its hooks as another does", async () => {
  await using hooks = await hooking("create table t (n int); create table log (rows int)");
  const definition = "table: t\noptions: {transaction: run, batch_rows: 2}\n";
  const code = (limit: number) =>
    `export default () => ({
      beforeRow(row) { if (Number(row.n) > ${limit}) throw new Error("Too large."); },
      async afterBatch({ rows, sql }) { await sql\`insert into log values (\${rows.length})\`; },
    })`;
  await hooks.write(definition, code(4));
  const failed = await hooks.run("n\n1\n2\n3\n4\n5\n");
  assert.equal(failed.status, "failed");
  assert.deepEqual(await hooks.failures(failed), ["5 hook - Too large."]);
  assert.deepEqual(await hooks.query("select * from t union all select * from log"), []);
  await hooks.write(definition, code(5));
  const run = await hooks.run("n\n1\n2\n3\n4\n5\n");
  assert.equal(run.status, "completed");
  assert.deepEqual(await hooks.query("select sum(n)::int as n, count(*) as rows from t"), [{
    n: 15,
    rows: 5,
  }]);
  assert.deepEqual(await hooks.query("select sum(rows)::int as rows from log"), [{ rows: 5 }]);
});

Deno.test("rows that the file doesn't have are found by the keys that hooks have made", async () => {
  await using hooks = await hooking(
    "create table t (id text primary key, word text); insert into t values ('a', 'x'), ('b', 'x'), ('c', 'x')",
  );
  await hooks.write(
    `table: t
key: id
on_duplicate: update
on_absent: delete
columns: { id: Id, word: { from: Word, when: { column: Id, not: B } } }
options: { transaction: run, batch_rows: 1, max_absent: 90% }
`,
    `export default () => ({
      beforeRow(row) { row.Id = row.Id.toLowerCase(); },
      async afterBatch({ rows, sql }) {
        await sql\`update t set word = word || \${String(rows.length)} where id = any(\${rows.map((row) => row.Id)})\`;
      },
    })`,
  );
  const run = await hooks.run("Id,Word\nA,y\nB,y\n");
  assert.equal(run.status, "completed", JSON.stringify(run.error ?? run.held));
  assert.deepEqual(await hooks.query("select * from t order by id"), [
    { id: "a", word: "y1" },
    { id: "b", word: "y1" },
  ]);
});
