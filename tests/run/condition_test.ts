/** Runs whose columns are filled only in some rows. */
import assert from "node:assert/strict";
import type { Session } from "../../src/db/session.ts";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import { type Workshop, workshop } from "./importing.ts";

const TABLES = `
  create table reasons (id int generated always as identity primary key, name text unique);
  insert into reasons (name) values ('damaged'), ('late');
  create table payments (
    id int primary key, type text, reason_id int references reasons,
    state text not null default 'open', note text
  );`;

const DEFINITION = `
table: payments
key: id
on_duplicate: update
columns:
  id: Id
  type: Type
  reason_id:
    from: Reason
    required: true
    lookup: { table: reasons, match: name }
    when: { column: Type, equals: refund }
  state: { value: closed, when: { column: Type, not: refund } }
  note: { from: Note, on_update: keep, when: { column: Type, equals: refund } }
`;

const FILE = `Id,Type,Reason,Note
1,refund,damaged,a
2,sale,unknown,b
3,refund,unknown,c
4,refund,,d
5,,late,e
`;

function payments(session: Session): Promise<string[]> {
  return session.query<{ row: string }>(
    `select concat_ws(' ', p.id, p.type, coalesce(r.name, '-'), p.state, coalesce(p.note, '-')) as row
     from payments p left join reasons r on r.id = p.reason_id order by p.id`,
  ).then((rows) => rows.map(({ row }) => row));
}

async function messages({ session }: Workshop, run: { readonly id: number }): Promise<string[]> {
  const rows = await session.query<{ row: string }>(
    `select row_number || ': ' || coalesce(errors -> 'validation' -> 'reason_id' ->> 0,
       errors ->> 'message') as row
     from ingest.rows where run_id = $1 and status = 'failed' order by row_number`,
    [run.id],
  );
  return rows.map(({ row }) => row);
}

async function counts({ ledger }: Workshop, run: { readonly id: number }) {
  const { created, updated, skipped, failed } = await readProgress(ledger, run.id);
  return { created, updated, skipped, failed };
}

const LOADED = ["1 refund damaged open a", "2 sale - closed -", "5 - closed -"];

for (const transaction of ["batch", "run"]) {
  Deno.test(`look-ups, constants and the table's DEFAULT follow conditions (${transaction})`, async () => {
    await using shop = await workshop(TABLES);
    const yaml = `${DEFINITION}options: { transaction: ${transaction} }\n`;
    const right = transaction === "run" ? FILE.replace(/^[34].*\n/gmu, "") : FILE;
    const tried = await shop.drive(await shop.create(yaml, right, { dryRun: true }));
    const run = await shop.drive(await shop.create(yaml, right));
    assert.deepEqual(await payments(shop.session), LOADED);
    assert.deepEqual(await counts(shop, tried), await counts(shop, run));
    if (transaction === "run") return;
    assert.deepEqual(await messages(shop, run), [
      "3: No reasons row has this name.",
      "4: The reason_id field is required.",
    ]);
  });
}

Deno.test("in an update, a row for which the condition doesn't hold loses the value, or keeps it", async () => {
  await using shop = await workshop(TABLES);
  await shop.drive(await shop.create(DEFINITION, "Id,Type,Reason,Note\n1,refund,late,old\n"));
  const run = await shop.drive(
    await shop.create(DEFINITION, "Id,Type,Reason,Note\n1,sale,late,new\n"),
  );
  assert.equal((await counts(shop, run)).updated, 1);
  assert.deepEqual(await payments(shop.session), ["1 sale - closed old"]);
});

Deno.test("a condition reads JSON by path, and null is no value", async () => {
  await using shop = await workshop("create table items (id int, price numeric)");
  const file = JSON.stringify([
    { id: 1, price: 5, info: { kind: "sale" } },
    { id: 2, price: 6, info: { kind: null } },
    { id: 3, price: 7 },
    { id: 4, price: 8, info: { kind: 1.50 } },
    { id: 5, price: 9, info: { kind: true } },
  ]);
  const run = await shop.drive(
    await shop.create(
      `
table: items
source: { format: json }
columns:
  id: id
  price:
    from: price
    when: { column: info.kind, one_of: [sale, "1.5", "true"] }
`,
      file,
    ),
  );
  assert.equal(run.status, "completed");
  const rows = await shop.session.query("select id, price::text from items order by id");
  assert.deepEqual(rows.map((row) => Object.values(row).join(" ").trim()), [
    "1 5",
    "2",
    "3",
    "4 8",
    "5 9",
  ]);
});

Deno.test("a value that a condition's pattern can't be compared with fails its row alone", async () => {
  await using shop = await workshop("create table items (id int, note text)");
  const run = await shop.drive(
    await shop.create(
      `
table: items
columns:
  id: Id
  note: { from: Note, when: { column: Code, matches: '^(?:([a-z])\\1?)+(?=[0-9])$' } }
`,
      `Id,Note,Code\n1,x,${"a".repeat(60_000)}\n2,y,b1\n`,
    ),
  );
  const { created, failed } = await counts(shop, run);
  assert.deepEqual([created, failed], [1, 1]);
});
