/** Rows sent in COPY's binary format arrive exactly as if they had been sent as text. */
import assert from "node:assert/strict";
import { prepareRun } from "../../src/run/prepare.ts";
import { type Workshop, workshop } from "./importing.ts";

const VALUES: Readonly<Record<string, readonly string[]>> = {
  "int2": ["0", "-1", "32767", "-32768", "10000"],
  "int4": ["0", "7", "-2147483648", "2147483647", "99999999"],
  "int8": ["0", "-1", "999999999999999999", "-999999999999999999", "9007199254740993", ...[
    "9223372036854775807",
    "-9223372036854775808",
    "1000000000000000000",
  ]],
  "float8": [
    ...["0", "0.1", "-0.1", "123456789.012345", "0.00000000000001", "999999999999999", "1.50"],
    ...["1.5E-05", "-2e+20", "1e22", "7e0", "123456789.012345e-3"],
  ],
  "numeric": [
    ...["0", "0.00", "1", "-1", "1.50", "-0.0001", "10000", "9999", "123456789", "100000000.00010"],
    ...["0.00000001", "12345678901234567890.123456789", "1000", "0.10", "99999999", "-20000.2"],
  ],
  "numeric(8,3)": ["0", "1.5", "-99999.999", "0.001", "12.34"],
  "date": ["2000-01-01", "1999-12-31", "2000-02-29", "1900-03-01", "0001-01-01", "9999-12-31"],
  "timestamp": [
    ...["2000-01-01 00:00:00", "1999-12-31T23:59:59", "0001-01-01 00:00:00", "9999-12-31 23:59:59"],
    ...["2024-02-29 12:30:00.5", "1970-01-01 00:00:00.000001", "1969-07-20 20:17:40.123456"],
  ],
  "timestamp(1)": ["2024-02-29 12:30:00.25+02", "1999-12-31 23:59:59.95", "1969-07-20 20:17:40.75"],
  "timestamptz": [
    ...["2000-01-01 00:00:00Z", "1999-12-31T23:59:59+15:59", "0001-01-01 00:00:00-15:59"],
    ...["9999-12-31 23:59:59-11", "2024-02-29 12:30:00.5+05:45", "1900-01-01 00:00:00+00:53:28"],
  ],
  "timestamptz(0)": ["2024-02-29 12:30:00.5Z", "1969-07-20 20:17:40.5-04"],
  "time": ["00:00", "23:59:59.999999", "24:00:00", "12:30:00.25"],
  "time(0)": ["23:59:59.5", "12:30:00.5"],
  "float4": [
    ...["0", "0.1", "-0.1", "16777218", "33554434.9", "3.4028234", "123456.789", "0.0000001"],
    ...["8388608.25", "-12345678"],
  ],
  "json": ['{"a": [1, 2.50], "a": "\\u00e9"}', "[]", "null", '"größer"'],
  "jsonb": ['{"a": [1, 2.50], "a": "\\u00e9"}', "[]", "null", '"größer"', "-1.5e-7"],
  "uuid": [
    "00000000-0000-0000-0000-000000000000",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
  ],
  "bool": ["true", "no", "1", "F"],
  "text": [
    "plain",
    "tab\tand \\backslash\\",
    "two\nlines",
    '"quoted"',
    "größer",
    "🙂",
    "\\N",
    "a\u0301",
  ],
  "citext": ["Größer", "\\N", "a\tb"],
  "varchar(5)": ["abcde", "é", "a b"],
  "char(4)": ["ab", "abcd"],
  "mood": ["sad", "so so"],
};

const TYPES = Object.keys(VALUES);
const COLUMNS = TYPES.map((_, index) => `c${index}`);
const ROWS = Math.max(...TYPES.map((type) => VALUES[type].length));

/** Every value of every type, and a null somewhere in each column. */
function file(): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = Array.from({ length: ROWS + 1 }, (_, row) =>
    TYPES.map((type) => {
      const value = VALUES[type][row];
      return value === undefined ? "" : quoted(value);
    }));
  return [
    ["id", ...COLUMNS, "last"],
    ...rows.map((values, row) => [row + 1, ...values, ""]),
  ].map((fields) => `${fields.join(",")}\n`).join("");
}

/** Two tables; no row of the second one can be binary, because of its last column. */
const TABLES = `create extension citext; create type mood as enum ('sad', 'so so');
  ${
  [["as_binary", "text"], ["as_text", "inet"]].map(([name, last]) =>
    `create table ${name} (id int primary key,
       ${COLUMNS.map((column, i) => `${column} ${TYPES[i]}`).join(", ")}, last ${last});`
  ).join("\n")
}`;

async function formatOf(shop: Workshop, table: string, content: string): Promise<string> {
  const run = await shop.create(`table: ${table}\nkey: id\n`, content);
  const { encoder } = await prepareRun(shop.session, run, "ingest");
  const bytes = new TextEncoder().encode(content.slice(content.indexOf("\n") + 1));
  encoder.input(bytes.length, 1000).set(bytes);
  return encoder.encodePiece({ offset: 0, line: 1, row: 1 }).format;
}

async function contents({ session }: Workshop, table: string): Promise<readonly string[]> {
  const rows = await session.query<{ row: string }>(
    `select row(${COLUMNS.join(", ")})::text as row from ${table} order by id`,
  );
  return rows.map(({ row }) => row);
}

for (const onDuplicate of ["fail", "update", "skip"]) {
  Deno.test(`every type is the same, sent as binary and as text (on_duplicate: ${onDuplicate})`, async () => {
    await using shop = await workshop(TABLES);
    const content = file();
    for (const table of ["as_binary", "as_text"]) {
      assert.equal(await formatOf(shop, table, content), table.slice(3));
      // Some rows are already in the table: with `update` they go through the staging table.
      if (onDuplicate !== "fail") {
        await shop.session.query(`insert into ${table} (id) select generate_series(1, 5)`);
      }
      const run = await shop.create(
        `table: ${table}\nkey: id\non_duplicate: ${onDuplicate}\n`,
        content,
      );
      assert.equal((await shop.drive(run)).status, "completed");
    }
    assert.deepEqual(await contents(shop, "as_binary"), await contents(shop, "as_text"));
    assert.equal((await contents(shop, "as_binary")).length, ROWS + 1);
  });
}

for (
  const [what, type, value] of [
    ["a number with an exponent", "numeric", "1e3"],
    ["an exponent beyond exact powers", "float8", "1e23"],
    ["more digits than a double holds", "float8", "0.12345678901234567"],
    ["a float as Postgres spells it", "float8", "Infinity"],
    ["no offset", "timestamptz", "2024-01-01 10:00:00"],
    ["a number half way between two others", "float4", "16777217"],
    ["nanoseconds", "timestamp", "2024-01-01 10:00:00.123456789"],
  ]
) {
  Deno.test(`one value that only Postgres can read makes its batch text: ${what}`, async () => {
    await using shop = await workshop(`create table items (id int primary key, v ${type})`);
    const content = `id,v\n1,\n2,${value}\n3,\n`;
    assert.equal(await formatOf(shop, "items", content), "text");
    const run = await shop.create("table: items\nkey: id\n", content);
    assert.equal((await shop.drive(run)).status, "completed");
    const [{ same }] = await shop.session.query<{ same: boolean }>(
      `select v = '${value}'::${type} as same from items where id = 2`,
    );
    assert.equal(same, true);
  });
}

for (
  const [what, type] of [
    ["a domain", "percent"],
    ["somebody's own type", "own.date"],
    ["times of day with a zone", "timetz"],
    ["network addresses", "inet"],
    ["lists", "text[]"],
  ]
) {
  Deno.test(`a table with ${what} gets text`, async () => {
    await using shop = await workshop(
      `create domain percent as int check (value <= 100);
       create schema own; create type own.date as enum ('2024-01-01');
       create table items (id int primary key, v ${type})`,
    );
    assert.equal(await formatOf(shop, "items", "id,v\n1,\n"), "text");
  });
}

Deno.test("rows that Postgres refuses are found in both formats, with the same messages", async () => {
  const table = (name: string, last: string) =>
    `create table ${name} (id int primary key, email text unique, n int check (n < 10),
       ref int references other, last ${last});
     insert into ${name} values (100, 'taken', 1);`;
  await using shop = await workshop(
    `create table other (id int primary key); insert into other values (1);
     ${table("as_binary", "text")} ${table("as_text", "inet")}`,
  );
  const content =
    "id,email,n,ref,last\n1,a,1,1,\n2,taken,1,,\n3,c,12,,\n4,d,2,7,\n100,e,1,1,\n5,f,,,\n";
  const errors: unknown[] = [];
  for (const name of ["as_binary", "as_text"]) {
    assert.equal(await formatOf(shop, name, content), name.slice(3));
    const run = await shop.create(`table: ${name}\non_duplicate: fail\n`, content);
    assert.equal((await shop.drive(run)).status, "completed_with_errors");
    const rows = await shop.session.query<{ errors: unknown }>(
      "select row_number, errors from ingest.rows where run_id = $1 order by 1",
      [run.id],
    );
    assert.equal(rows.length, 4);
    errors.push(JSON.parse(JSON.stringify(rows).replaceAll(name, "items")));
  }
  assert.deepEqual(errors[0], errors[1]);
});
