/** Look-ups, lists and children: each line about `lookup`, `many` and `nested`. */
import { contract } from "./line.ts";

const COMPANIES = `create table companies (
    id int generated always as identity primary key, name text unique, code text);
  insert into companies (name, code) values ('Acme', 'A'), ('Bolt', 'B');
  create table t (id int primary key, company_id int references companies);`;
const CUSTOMERS =
  `create table t (id int generated always as identity primary key, name text unique);
  create table tags (id int generated always as identity primary key, name text unique);
  create table t_tags (t_id int references t, tag_id int references tags, primary key (t_id, tag_id));
  insert into tags (name) values ('red'), ('blue');
  insert into t (name) values ('Ann');
  insert into t_tags values (1, 1);`;
const many = (sync: string) =>
  `key: [name]
columns: { name: Name }
many:
  - from: Tags
    separator: ";"
    lookup: { table: tags, match: name, create: true }
    pivot: { table: t_tags, local: t_id, foreign: tag_id }
    ${sync}`;
const LINKS = `select t.name || ': ' || coalesce(string_agg(tags.name, ' ' order by tags.name), '-')
  from t left join t_tags on t_id = t.id left join tags on tags.id = tag_id group by t.name order by 1`;
const TAGGED = "Name,Tags\nAnn,blue;new\nBob,\nCid,new; red ;red\n";

contract("each line about relations holds", [
  {
    says: "a look-up gives the id of the row that matches",
    tables: COMPANIES,
    definition: `columns:
  id: Id
  company_id: { from: Company, lookup: { table: companies, match: name } }`,
    file: "Id,Company\n1,Bolt\n2,Cog\n3,\n",
    rows: ["(1,2)", "(3,)"],
    outcomes: "created failed created",
    errors: ["2 lookup company_id Cog: No companies row has this name."],
  },
  {
    says: "`returns` says which column a look-up gives",
    tables: COMPANIES.replace("company_id int references companies", "company text"),
    definition: `columns:
  id: Id
  company: { from: Company, lookup: { table: companies, match: name, returns: code } }`,
    file: "Id,Company\n1,Bolt\n",
    rows: ["(1,B)"],
    outcomes: "created",
  },
  {
    says: "`create: true` adds what isn't there, once, and nothing for a row that fails",
    tables: COMPANIES,
    definition: `columns:
  id: { from: Id, type: integer }
  company_id: { from: Company, lookup: { table: companies, match: name, create: true } }`,
    options: "batch_rows: 1",
    file: "Id,Company\n1,Cog\n2,Cog\nx,Dash\n3,Acme\n",
    query: `select concat_ws(' ', companies.name, t.id) from companies
      left join t on t.company_id = companies.id order by 1`,
    rows: ["Acme 3", "Bolt", "Cog 1", "Cog 2"],
    outcomes: "created created failed created",
    errors: ["3 type id x: The id field must be a whole number."],
  },
  {
    says: "sync: add is the default, and adds links",
    tables: CUSTOMERS,
    definition: `on_duplicate: update\n${many("")}`,
    file: TAGGED,
    query: LINKS,
    rows: ["Ann: blue new red", "Bob: -", "Cid: new red"],
    outcomes: "skipped created created",
  },
  {
    says: "sync: replace removes the links that a list doesn't have",
    tables: CUSTOMERS,
    definition: `on_duplicate: update\n${many("sync: replace")}`,
    file: TAGGED,
    query: LINKS,
    rows: ["Ann: blue new", "Bob: -", "Cid: new red"],
    outcomes: "skipped created created",
  },
  {
    says: "nested rows refer to the row that they are in, or all of it fails",
    tables: `create table t (id int generated always as identity primary key, no text unique);
      create table order_items (order_id int references t, sku text, quantity int,
        primary key (order_id, sku));`,
    definition: `key: [no]
source: { format: json }
columns: { no: no }
nested:
  - from: line_items
    table: order_items
    foreign_key: { order_id: id }
    key: [order_id, sku]
    columns: { sku: sku, quantity: { from: qty, type: integer } }`,
    file: JSON.stringify([
      { no: "X", line_items: [{ sku: "a", qty: 1 }, { sku: "b", qty: 2 }, { sku: "a", qty: 3 }] },
      { no: "Y", line_items: [{ sku: "a", qty: 1 }, { sku: "b", qty: "two" }] },
      { no: "Z", line_items: [] },
    ]),
    query:
      "select concat_ws(' ', no, sku, quantity) from t left join order_items on order_id = id order by 1",
    rows: ["X a 1", "X b 2", "Z"],
    outcomes: "created failed created",
    errors: [
      "2 type line_items.quantity two: line_items 2: The quantity field must be a whole number.",
    ],
  },
]);
