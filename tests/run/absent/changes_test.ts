/** What a dry run, or a held run, says that it would change. */
import assert from "node:assert/strict";
import { runReport } from "../../../src/report/run_report.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "../importing.ts";

const TABLE = `create table t (id int primary key, n numeric(8, 2), note text, big int,
    twice numeric generated always as (n * 2) stored);
  create function stamp() returns trigger language plpgsql as
    $$ begin new.big := old.big + 1; return new; end $$;
  create trigger stamp before update on t for each row execute function stamp();
  insert into t (id, n, note, big) select i, i, 'note', 0 from generate_series(1, 100) i;`;

const COLUMNS = "columns: {id: id, n: n, note: note}";

function defined(options: string, more = ""): string {
  return `table: t\nkey: id\non_duplicate: update\n${more}\n${COLUMNS}\noptions: {batch_rows: 20, ${options}}\n`;
}

/** Rows 1 to 5 have another `n`, row 6 has no note, and rows 101 and 102 are new. */
const FILE = `id,n,note\n${
  Array.from({ length: 102 }, (_, i) => i + 1)
    .map((id) => `${id},${id <= 5 ? id + 0.5 : id},${id === 6 ? "" : "note"}\n`).join("")
}`;

async function changes({ ledger }: Workshop, { id }: Run) {
  return (await runReport(ledger, id, { rows: 0 })).changes;
}

const EXPECTED = [
  { column: "big", rows: 6, first: { row: ["1"], old: "0", new: "1" } },
  { column: "n", rows: 5, first: { row: ["1"], old: "1.00", new: "1.50" } },
  { column: "twice", rows: 5, first: { row: ["1"], old: "2.00", new: "3.00" } },
  { column: "note", rows: 1, first: { row: ["6"], old: "note", new: null } },
];

for (const transaction of ["batch", "run"]) {
  Deno.test(`a dry run with transaction: ${transaction} says what would change in each column`, async () => {
    await using shop = await workshop(TABLE);
    const definition = defined(`transaction: ${transaction}`);
    const dry = await shop.drive(await shop.create(definition, FILE, { dryRun: true }));
    assert.equal(dry.status, "completed");
    const { columns, ...counts } = (await changes(shop, dry))!;
    assert.deepEqual(counts, { created: 2, updated: 6, unchanged: 94, more: false });
    const found = columns.map(({ column, rows, samples }) => ({ column, rows, first: samples[0] }));
    assert.deepEqual(found, EXPECTED);

    const real = await shop.drive(await shop.create(definition, FILE));
    assert.equal(await changes(shop, real), undefined);
    const { created, updated, skipped } = real.summary!;
    assert.deepEqual({ created, updated, skipped }, { created: 2, updated: 6, skipped: 94 });
  });
}

Deno.test("a held run says what would change, and which rows would go", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined("transaction: run, max_absent: 0", "on_absent: delete");
  const file = FILE.replace("100,100,note\n", "");
  const held = await shop.drive(await shop.create(definition, file));
  assert.equal(held.status, "held");
  const { columns, ...counts } = (await changes(shop, held))!;
  assert.deepEqual(counts, {
    ...{ created: 2, updated: 6, unchanged: 93, deleted: 1 },
    ...{ absent_rows: [["100"]], more: false },
  });
  assert.deepEqual(columns.map(({ column, rows }) => ({ column, rows })), [
    ...EXPECTED.map(({ column, rows }) => ({ column, rows })),
  ]);
});

Deno.test("rows that come twice, and long values, are told as the table would have them", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, note text); insert into t values (1, repeat('a', 300))`,
  );
  const definition = "table: t\nkey: id\non_duplicate: update\noptions: {batch_rows: 1}\n";
  const file = `id,note\n1,b\n2,c\n1,${"d".repeat(300)}\n`;
  const dry = await shop.drive(await shop.create(definition, file, { dryRun: true }));
  const [note] = (await changes(shop, dry))!.columns;
  assert.equal(note.rows, 2);
  assert.deepEqual(note.samples, [
    { row: ["1"], old: "a".repeat(200), new: "b" },
    { row: ["1"], old: "b", new: "d".repeat(200) },
  ]);
});
