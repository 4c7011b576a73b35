import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { SourceError } from "../../src/source/error.ts";
import { writeFailedRows } from "../../src/report/failed_rows_csv.ts";
import { requireRun, type Run } from "../../src/ledger/runs/runs.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { retry, unresolved } from "./retrying.ts";

const TABLE = `create table t (id bigint primary key, name text, city text, tag text, doc jsonb,
  price numeric)`;
const DEFINITION = `
table: t
key: [id]
on_duplicate: update
columns:
  id: id
  name: name
  city: address.city
  tag: tags[0]
  doc: doc
  price: price
`;

async function load(shop: Workshop, definition: string, file: string | Uint8Array): Promise<Run> {
  const run = await shop.drive(await shop.create(definition, file));
  return await requireRun(shop.ledger, run.id);
}

const ROWS = [
  '{"id":9007199254740993,"name":"","address":{"city":"Köln"},"tags":["x"],"doc":{"b":1.50}}',
  '{"id":2,"name":null,"doc":"text","price":12345678901234567890.123456789}',
  '{"id":3,"name":"a\\n\\u00fc","tags":[],"doc":[1, 2],"price":null}',
  '{"id":3,"name":"later"}',
];
const LOADED = [
  {
    id: "2",
    name: null,
    city: null,
    tag: null,
    doc: "text",
    price: "12345678901234567890.123456789",
  },
  { id: "3", name: "later", city: null, tag: null, doc: null, price: null },
  {
    id: "9007199254740993",
    name: "",
    city: "Köln",
    tag: "x",
    doc: { b: 1.5 },
    price: null,
  },
];

Deno.test("NDJSON, an array, an array in a document and documents in a row give the same rows", async () => {
  const files = {
    ndjson: ROWS.join("\n"),
    "with a mark and CRLF": `\ufeff${ROWS.join("\r\n\r\n")}\r\n`,
    array: `[\n${ROWS.join(",\n")}\n]\n`,
    "on one line": `[${ROWS.join(",")}]`,
    document: `{"count": 4, "none": [], "data": {"items": [${ROWS.join(", ")}]}, "more": [1]}`,
    pretty: ROWS.map((row) =>
      JSON.stringify(JSON.parse(row.replace(/:([\d.]{16,})/u, ':"$1"')), null, 2)
    ).join("\n"),
  };
  await using shop = await workshop(TABLE);
  const { session } = shop;
  for (const [name, file] of Object.entries(files)) {
    await session.query("truncate t");
    const { status } = await load(shop, DEFINITION, file);
    equal(status, "completed", name);
    const rows = await session.query(
      "select id::text, name, city, tag, doc, price::text from t order by 1",
    );
    deepEqual(rows, LOADED, name);
  }
});

Deno.test("failed rows are kept as they are, and can be retried, corrected in a file, and edited", async () => {
  await using shop = await workshop(TABLE);
  const bad = [
    '{"id":"one","name":"A","late":1,"address":{"city":"X","zip":5},"doc":"as text"}',
    '{"id":"2"  ,"name":"B","price":"many"}',
    '{"id":3,"name":"C"',
    "[4]",
    '{"id":5,"name":"","price":1}',
  ];
  const run = await load(shop, DEFINITION, bad.join("\n"));
  equal(run.status, "completed_with_errors");
  const logged = await shop.session.query<{ raw: string; data: unknown }>(
    "select convert_from(raw, 'UTF8') as raw, data from ingest.rows order by row_number",
  );
  deepEqual(logged.map(({ raw }) => raw), bad.slice(0, 4));
  deepEqual(logged[0].data, {
    id: "one",
    name: "A",
    "address.city": "X",
    doc: "as text",
    late: "1",
  });
  equal(await unresolved(shop, (await retry(shop, run.id)).id), 4);

  let exported = "";
  await writeFailedRows(shop.ledger, run, (text) => {
    exported += text;
  });
  const mended = exported.replace("one,A", "1,A").replace(",many,", ",7.50,")
    .replace('""name"":""C""', '""name"":""C""}').replace("[4]", '"{""id"":4}"');
  const second = await retry(shop, run.id, { file: mended, acceptChanges: true });
  equal(await unresolved(shop, second.id), 0);
  deepEqual(
    await shop.session.query("select id::int, name, city, doc, price::text from t order by 1"),
    [
      { id: 1, name: "A", city: "X", doc: "as text", price: null },
      { id: 2, name: "B", city: null, doc: null, price: "7.50" },
      { id: 3, name: "C", city: null, doc: null, price: null },
      { id: 4, name: null, city: null, doc: null, price: null },
      { id: 5, name: "", city: null, doc: null, price: "1" },
    ],
  );
});

Deno.test("a dry run writes nothing, and an empty array has no rows", async () => {
  await using shop = await workshop(TABLE);
  const dry = await shop.drive(await shop.create(DEFINITION, ROWS.join("\n"), { dryRun: true }));
  equal(dry.status, "completed");
  for (const file of ["[]", " [\n]\n", '{"items":[]}']) {
    equal((await load(shop, DEFINITION, file)).status, "completed", file);
    equal((await load(shop, "table: t", file)).status, "completed", file);
  }
  equal(await count(shop.session, "t"), 0);
});

Deno.test("keys that appear after the file's beginning are told, or read if they are named", async () => {
  await using shop = await workshop("create table t (id int, extra text, deep text)");
  const rows = Array.from({ length: 30_000 }, (_, i) => `{"id":${i},"text":"${"x".repeat(40)}"}`);
  const late = '{"id":-1,"extra":"e","more":{"deep":"d"}}';
  const file = [...rows, late, late].join("\n");
  const unnamed = await load(shop, "table: t", file);
  match(unnamed.warnings.join("\n"), /"extra" \(line 30001\), "more" \(line 30001\)/u);
  const named = await load(
    shop,
    "table: t\ncolumns: {id: id, extra: extra, deep: more.deep}",
    file,
  );
  match(named.warnings.join("\n"), /No row at the file's beginning has "extra"/u);
  equal(await count(shop.session, "t where extra = 'e' and deep = 'd'"), 2);
});

Deno.test("a file that ends in the middle keeps what came before, and is told", async () => {
  await using shop = await workshop(TABLE);
  const run = await load(shop, DEFINITION, '[{"id":1},\n{"id":2},\n{"id":3,"na');
  equal(run.status, "completed_with_errors");
  match(run.warnings.join("\n"), /doesn't end with the bracket that closes its array/u);
  equal(await count(shop.session, "t"), 2);
  const cut = await load(shop, DEFINITION, '[{"id":1},\n{"id":2}');
  equal(cut.status, "completed");
  match(cut.warnings.join("\n"), /cut off/u);
});

Deno.test("null words count if the definition has them, and text in JSON columns can be JSON", async () => {
  await using shop = await workshop("create table t (a text, b text, c jsonb, d jsonb)");
  const file = '{"a":"","b":"n/a","c":"{\\"x\\": 1}","d":"{\\"x\\": 1}"}';
  const columns = "columns: {a: a, b: b, c: c, d: {from: d, transform: [json]}}";
  await load(shop, `table: t\n${columns}`, file);
  await load(shop, `table: t\nsource: {null_values: [""]}\n${columns}`, file);
  await load(shop, `table: t\nsource: {null_values: [n/a]}\n${columns}`, file);
  const json = { c: '{"x": 1}', d: { x: 1 } };
  deepEqual(await shop.session.query("select * from t"), [
    { a: "", b: "n/a", ...json },
    { a: null, b: "n/a", ...json },
    { a: "", b: null, ...json },
  ]);
});

Deno.test("numbers and booleans are what they are, whatever notation texts have", async () => {
  await using shop = await workshop("create table t (n numeric, b boolean)");
  const columns = `columns: {n: {from: n, decimal: ",", thousands: "."}, b: {from: b, true: [ja],
    false: [nein]}}`;
  const rows = ['{"n":1.500,"b":true}', '{"n":"1.500,25","b":"nein"}', '{"n":-0.5,"b":false}'];
  await load(shop, `table: t\n${columns}`, rows.join("\n"));
  deepEqual(await shop.session.query("select n::text, b from t"), [
    { n: "1.500", b: true },
    { n: "1500.25", b: false },
    { n: "-0.5", b: false },
  ]);
});

Deno.test("what is no list of objects is refused in one line that says what to do", async () => {
  await using shop = await workshop(TABLE);
  const cases: readonly (readonly [string, RegExp, string?])[] = [
    ["[1,2]", /a number where an object is expected.*as an object/u],
    ["[[1,2],[3,4]]", /an array where an object/u],
    [
      '{"a":[{"id":1}],"b":{"c":[{"id":2}]}}',
      /several arrays, a, b\.c\. Say which one.*records: a/u,
    ],
    ["{'id': 1}", /single quotes/u, "source: {format: json}"],
    ["// x\n[]", /begins with neither/u, "source: {format: json}"],
    ["id\n1", /begins with neither/u, "source: {format: json}"],
    ['[{"id":1}]', /no array data\.items/u, "source: {records: data.items}"],
    [
      '{"data":{"item":[]}}',
      /no array data\.items.*it has data\.item/u,
      "source: {records: data.items}",
    ],
  ];
  for (const [file, message, source = ""] of cases) {
    await rejects(
      shop.create(`${DEFINITION}${source}`, file),
      (error) => error instanceof SourceError && message.test(error.message),
      file,
    );
  }
});

Deno.test("records names one of several arrays", async () => {
  await using shop = await workshop(TABLE);
  const file = '{"a":[{"id":1}],"b":{"c d":[{"id":2}]}}';
  await load(shop, `${DEFINITION}source: {records: 'b["c d"]'}`, file);
  deepEqual(await shop.session.query("select id::int from t"), [{ id: 2 }]);
});

Deno.test("text that only begins like JSON is CSV", async () => {
  await using shop = await workshop('create table t ("[id]" int, "{name}" text)');
  await load(shop, "table: t", "[id],{name}\n1,a\n");
  await load(shop, "table: t", "{name},[id]\nb,2\n");
  equal(await count(shop.session, "t"), 2);
});
