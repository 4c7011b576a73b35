/** Children of whole batches come to what they come to row by row. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../../src/db/session.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { hooking } from "../hooking.ts";
import { type Workshop, workshop } from "../importing.ts";
import { verify } from "../verify/verifying.ts";

const TABLES = `
  create table orders (id int generated always as identity primary key, no text unique, note text);
  create table items (
    id int generated always as identity primary key, order_id int not null references orders,
    line int not null check (line <> 7), sku text unique, qty int not null default 5,
    unique (order_id, line));
  create table marks (item_id int not null references items, word text not null, unique (item_id, word));
  insert into orders (no) values ('a'), ('b');
  insert into items (order_id, line, sku) values (1, 1, 's1'), (1, 2, 's2'), (2, 1, null);`;

interface Item {
  readonly line: number | string;
  readonly sku?: string;
  readonly qty?: number;
  readonly marks?: readonly { readonly word: string }[];
}
interface Order {
  readonly no: string;
  readonly note: string;
  readonly items?: readonly Item[] | null;
}

const item = fc.record({
  line: fc.constantFrom<number | string>(1, 2, 3, 4, 5, 6, 7, "x"),
  sku: fc.constantFrom("s1", "s2", "s3", "s4", "s5", "s6"),
  qty: fc.integer({ min: 0, max: 9 }),
  marks: fc.array(fc.record({ word: fc.constantFrom("m", "n", "o") }), { maxLength: 2 }),
}, { requiredKeys: ["line"] });

const orders = fc.array(
  fc.record({
    no: fc.constantFrom("a", "b", "c", "d", "e"),
    note: fc.constantFrom("n1", "n2"),
    items: fc.option(fc.array(item, { maxLength: 3 })),
  }),
  { minLength: 1, maxLength: 15 },
);

const choices = fc.record({
  parent: fc.constantFrom("update", "skip", "fail"),
  child: fc.constantFrom("update", "skip", "fail"),
  batch: fc.constantFrom(1, 3, 1000),
  mode: fc.constantFrom("batch", "run"),
});
type Choice = typeof choices extends fc.Arbitrary<infer T> ? T : never;

function definitionOf({ parent, child, batch, mode }: Choice): string {
  return `
table: orders
source: { format: ndjson }
key: [no]
on_duplicate: ${parent}
columns: { no: no, note: note }
nested:
  - from: items
    table: items
    foreign_key: { order_id: id }
    key: [order_id, line]
    on_duplicate: ${child}
    columns: { line: line, sku: sku, qty: qty }
    nested:
      - { from: marks, table: marks, foreign_key: { item_id: id }, key: [item_id, word], columns: { word: word } }
options: { batch_rows: ${batch}, transaction: ${mode} }
`;
}

async function oneByOne(
  session: Session,
  all: readonly Order[],
  choice: Choice,
): Promise<readonly string[]> {
  await session.query("begin");
  let failed = 0;
  for (const order of all) {
    try {
      await session.savepoint("one", () => apply(session, order, choice));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failed++;
    }
  }
  const after = failed > 0 && choice.mode === "run" ? null : await found(session);
  await session.query("rollback");
  return after ?? await found(session);
}

async function apply(session: Session, { no, note, items }: Order, choice: Choice): Promise<void> {
  const [known] = await session.query<{ id: number }>("select id from orders where no = $1", [no]);
  if (known !== undefined && choice.parent === "fail") throw new Error("duplicate");
  if (known !== undefined && choice.parent === "skip") {
    // A row that is wrong fails, whether or not it would have been skipped.
    if ((items ?? []).some(({ line }) => line === "x")) throw new Error("type");
    return;
  }
  const [{ id }] = known === undefined
    ? await session.query<{ id: number }>(
      "insert into orders (no, note) values ($1, $2) returning id",
      [no, note],
    )
    : await session.query<{ id: number }>(
      "update orders set note = $2 where no = $1 returning id",
      [
        no,
        note,
      ],
    );
  for (const { line, sku = null, qty = 5, marks = [] } of items ?? []) {
    if (line === "x") throw new Error("type");
    const [there] = await session.query<{ id: number }>(
      "select id from items where order_id = $1 and line = $2",
      [id, line],
    );
    if (there !== undefined && choice.child === "fail") throw new Error("duplicate");
    if (there !== undefined && choice.child === "skip") continue;
    const [written] = there === undefined
      ? await session.query<{ id: number }>(
        "insert into items (order_id, line, sku, qty) values ($1, $2, $3, $4) returning id",
        [id, line, sku, qty],
      )
      : await session.query<{ id: number }>(
        "update items set sku = $2, qty = $3 where id = $1 returning id",
        [there.id, sku, qty],
      );
    for (const { word } of marks) {
      await session.query("insert into marks values ($1, $2) on conflict do nothing", [
        written.id,
        word,
      ]);
    }
  }
}

async function found(session: Session): Promise<readonly string[]> {
  const rows = await session.query<{ row: string }>(
    `select concat_ws(' ', no, note, (select string_agg(concat_ws('/', line, sku, qty,
       (select string_agg(word, '' order by word) from marks where item_id = i.id)), ' ' order by line)
       from items i where order_id = o.id)) as row from orders o order by 1`,
  );
  return rows.map(({ row }) => row);
}

/** What a run has come to, after a dry run of the same file: in the tables, and in numbers. */
interface Came {
  readonly shop: Workshop;
  load(yaml: string, file: string, dryRun: boolean): Promise<Run>;
}

/** `change`: what is different about the file. */
async function compare(
  all: readonly Order[],
  choice: Choice,
  { shop: { session, ledger }, load }: Came,
  change: (order: Order) => unknown = (order) => order,
): Promise<void> {
  const expected = await oneByOne(session, all, choice);
  const yaml = definitionOf(choice);
  const file = all.map((order) => `${JSON.stringify(change(order))}\n`).join("");
  const dry = await load(yaml, file, true);
  const run = await load(yaml, file, false);
  assert.deepEqual(await found(session), expected);
  if (run.status === "failed") return;
  const { seconds: _, ...real } = run.summary ?? {};
  const { seconds: __, ...predicted } = dry.summary ?? {};
  assert.deepEqual(predicted, real);
  const verified = await verify(ledger, run.id);
  assert.equal(verified.differs, false, JSON.stringify(verified, null, 1));
}

const RUNS = { numRuns: Number(Deno.env.get("REFERENCE_RUNS") ?? 3), seed: 18 };

Deno.test("rows of several tables come to what they come to one by one, and a dry run counts them", async () => {
  await fc.assert(
    fc.asyncProperty(orders, choices, async (all, choice) => {
      await using shop = await workshop(TABLES);
      const load = async (yaml: string, file: string, dryRun: boolean) =>
        await shop.drive(await shop.create(yaml, file, { dryRun }), dryRun ? 2 : 3);
      await compare(all, choice, { shop, load });
    }),
    RUNS,
  );
});

Deno.test("and so they do if hooks have to put the children right first", async () => {
  await fc.assert(
    fc.asyncProperty(orders, choices, async (all, choice) => {
      await using hooks = await hooking(TABLES, "data.ndjson");
      const load = async (yaml: string, file: string, dryRun: boolean) => {
        await hooks.write(yaml, PUT_RIGHT);
        return await hooks.run(file, dryRun);
      };
      await compare(all, choice, { shop: hooks.shop, load }, ({ items, ...order }) => ({
        ...order,
        items: items?.toReversed().flatMap(({ line, sku, ...item }) => [
          { ...item, line: sku, sku: line },
          { line: "none", qty: 1 },
        ]),
      }));
    }),
    RUNS,
  );
});

const PUT_RIGHT = `export default () => ({
  beforeRow(row) {
    row.items = row.items?.filter(({ line }) => line !== "none").reverse();
    for (const item of row.items ?? []) [item.line, item.sku] = [item.sku, item.line];
  },
})`;
