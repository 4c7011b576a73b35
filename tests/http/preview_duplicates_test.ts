/** Which rows of a previewed file the table has already, by the key as Postgres compares it. */
import assert from "node:assert/strict";
import type { PreviewReport } from "../../src/report/preview_schema.ts";
import { type Serving, serving } from "./serving.ts";

async function preview(api: Serving, table: string, csv: string): Promise<PreviewReport> {
  const body = new FormData();
  body.append("file", new Blob([csv]), "file.csv");
  const answer = await api.ask(`/preview${table}`, { method: "POST", body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.data;
}

const marks = ({ rows }: PreviewReport) => rows.map(({ duplicate }) => duplicate ?? null);

Deno.test("keys are equal when Postgres says so", async () => {
  await using api = await serving({
    tables: `
      create collation folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create domain code as text not null;
      create table amounts (amount numeric primary key, other code);
      create table names (name text collate folded primary key);
      create table pairs (a int, b date, c text, "the ""c""" int generated always as (a) stored,
        primary key (a, b));
      create table gone (x int, id int primary key); alter table gone drop column x;
      insert into amounts values (1.50, 'x'); insert into names values ('Zoë');
      insert into pairs values (1, '2024-01-02', 'x'); insert into gone values (7)`,
  });
  const cases:
    readonly (readonly [string, string, PreviewReport["rows"][number]["duplicate"][]])[] = [
      ["?table=amounts&key=amount", "amount,other\n1.5,x\n2,x\n2.00,x\n", [
        "in_table",
        undefined,
        "in_file",
      ]],
      ["?table=names&key=name", "name\nzoë\nANA\nana\n", ["in_table", undefined, "in_file"]],
      ["?table=pairs&key=a&key=b", "a,b,c\n1,2024-01-02,y\n1,2024-01-03,y\n", [
        "in_table",
        undefined,
      ]],
      ["?table=gone&key=id", "id\n7\n8\n", ["in_table", undefined]],
    ];
  for (const [table, csv, expected] of cases) {
    const seen = await preview(api, table, csv);
    assert.deepEqual(marks(seen), expected.map((each) => each ?? null), table);
    const count = (what: string) => expected.filter((each) => each === what).length;
    assert.deepEqual(
      [seen.duplicates?.in_table, seen.duplicates?.in_file],
      [count("in_table"), count("in_file")],
    );
  }
});

Deno.test("rows that fail anyway, and keys that NULL is part of, count for nothing", async () => {
  await using api = await serving({
    tables: `create table people (id int unique, name text not null);
      insert into people values (1, 'Ada')`,
  });
  const seen = await preview(api, "?table=people", "id,name\n1,\n,Bo\n,Bo\n1,Ada\n");
  assert.deepEqual(marks(seen), [null, null, null, "in_table"]);
  assert.deepEqual(seen.duplicates?.key, ["id"]);
});

Deno.test("of a table without a unique column, nothing is said", async () => {
  await using api = await serving({ tables: "create table notes (id int, note text)" });
  const seen = await preview(api, "?table=notes", "id,note\n1,x\n1,x\n");
  assert.equal(seen.duplicates, null);
  assert.deepEqual(marks(seen), [null, null]);
});

Deno.test("only rows of the table that count for the key are found", async () => {
  await using api = await serving({
    tables: `create table people (email text, gone_at date);
      create unique index on people (email) where gone_at is null;
      insert into people values ('a@x', null), ('b@x', '2024-01-01')`,
    importers: {
      people: "table: people\nkey: { columns: [email], where: gone_at is null }\n",
    },
  });
  const seen = await preview(api, "/people", "email\na@x\nb@x\n");
  assert.deepEqual(marks(seen), ["in_table", null]);
});
