/** An import into four tables: orders with their items, discounts of these, and links to tags. */
import { type Workshop, workshop } from "../importing.ts";
import { rowsOf } from "./undoing.ts";

export const TABLES = `
  create table tags (id int primary key, name text unique);
  insert into tags values (1, 'red'), (2, 'blue'), (3, 'green');
  create table orders (id int generated always as identity primary key, no text unique, note text);
  create table items (
    id int generated always as identity primary key, order_id int not null references orders,
    line int not null, qty int not null default 1, unique (order_id, line));
  create table discounts (item_id int not null references items, code text not null);
  create table order_tags (o int not null references orders, tag int not null references tags,
    added_by text default 'us', unique (o, tag));
  insert into orders (no, note) values ('X', 'old');
  insert into items (order_id, line, qty) values (1, 1, 10), (1, 9, 90);
  insert into discounts values (1, 'kept');
  insert into order_tags values (1, 1, 'them'), (1, 2, 'them');`;

export interface Choice {
  readonly sync?: "add" | "replace";
  readonly options?: string;
}

export function definitionOf({ sync = "replace", options = "undo: updates" }: Choice = {}): string {
  return `
table: orders
source: { type: upload, format: ndjson }
key: [no]
on_duplicate: update
columns: { no: no, note: note }
many:
  - from: tags
    lookup: { table: tags, match: name }
    pivot: { table: order_tags, local: o, foreign: tag }
    sync: ${sync}
nested:
  - from: items
    table: items
    foreign_key: { order_id: id }
    key: [order_id, line]
    on_duplicate: update
    columns: { line: line, qty: qty }
    nested:
      - { from: discounts, table: discounts, foreign_key: { item_id: id }, columns: { code: code } }
options: { ${options} }
`;
}

/** X is there already: with items 1 and 9, and with the tags red and blue. */
export const ROWS: readonly object[] = [
  {
    no: "X",
    note: "new",
    tags: ["red", "green"],
    items: [{ line: 1, qty: 11 }, { line: 2, qty: 2, discounts: [{ code: "a" }] }],
  },
  { no: "Y", tags: ["blue"], items: [{ line: 1, discounts: [{ code: "b" }, { code: "c" }] }] },
  { no: "Z", items: [] },
];

export function lines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

export const WRITTEN = ["orders", "items", "discounts", "order_tags"];

/** All rows of these tables, each with the table's name. */
export async function everything(
  shop: Pick<Workshop, "session">,
  tables: readonly string[] = WRITTEN,
): Promise<string[]> {
  const all: string[] = [];
  for (const table of tables) {
    all.push(...(await rowsOf(shop, table)).map((row) => `${table} ${row}`));
  }
  return all;
}

export function several(more = ""): Promise<Workshop> {
  return workshop(`${TABLES}${more}`);
}
