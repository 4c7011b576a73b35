/** Orders with items, for hooks that change these. */
import assert from "node:assert/strict";
import type { Run } from "../../src/ledger/runs/runs.ts";
import type { Hooking } from "./hooking.ts";

export const ORDERS = `create table orders (id int generated always as identity primary key,
    number int unique, name text);
  create table items (order_id int not null references orders, sku text not null, name text,
    price numeric, unique (order_id, sku))`;

export const definition = (options = "", key = "key: number\non_duplicate: update") =>
  `table: orders
source: { format: json }
${key}
columns: { number: number, name: customer }
nested:
  - from: items
    table: items
    foreign_key: { order_id: id }
    key: [order_id, sku]
    on_duplicate: update
    columns:
      sku: { from: article.sku, required: true }
      name: { from: name, transform: [upper] }
      price: { from: price, min: 0 }
options: { batch_rows: 2, log_rows: all${options} }
`;

export const row = (number: number, items: unknown, customer = "Ann") =>
  JSON.stringify({ number, customer, items });
export const item = (sku: string, price = 1, name = "x") => ({ article: { sku }, name, price });

/** `number sku name price`, of all children. */
export async function items(hooks: Hooking): Promise<readonly string[]> {
  const found = await hooks.query(
    `select concat_ws(' ', number, sku, i.name, price) as item
     from items i join orders on id = order_id order by number, sku`,
  ) as { item: string }[];
  return found.map(({ item }) => item);
}

/** What has become of each row, and what was written elsewhere. */
async function outcomes(hooks: Hooking, { id }: Run): Promise<unknown> {
  return await hooks.query(
    `select (select jsonb_agg(to_jsonb(t)) from (
       select row_number, status, errors from ingest.rows where run_id = ${id} order by 1) t) as rows,
       (select summary->'related' from ingest.runs where id = ${id}) as related`,
  );
}

/** A dry run, then the real one, which does the same row for row. */
export async function runAsTried(hooks: Hooking, file: string): Promise<Run> {
  const tried = await hooks.run(file, true);
  const run = await hooks.run(file);
  assert.deepEqual(await outcomes(hooks, tried), await outcomes(hooks, run));
  return run;
}
