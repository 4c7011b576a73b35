/** Relations that don't fit the tables are refused before anything is loaded. */
import assert from "node:assert/strict";
import { workshop } from "../importing.ts";

const TABLES = `
  create table customers (id int primary key, email text unique);
  create table tags (id int primary key, name text unique);
  create table customer_tags (customer_id int references customers, tag_id int references tags,
    made text generated always as ('x') stored, primary key (customer_id, tag_id));
  create table strict_tags (customer_id int, tag_id int, since date not null, by text not null);
  create table loose_tags (customer_id int, tag_id int, note json);
  create table no_parent (customer_id uuid, tag_id int);
  create view tag_view as select * from customer_tags;`;

const PIVOT = "{ table: customer_tags, local: customer_id, foreign: tag_id }";

const WRONG: readonly (readonly [pivot: string, message: string])[] = [
  [
    "{ table: customer_tag, local: customer_id, foreign: tag_id }",
    "pivot.table: There is no table",
  ],
  ["{ table: tag_view, local: customer_id, foreign: tag_id }", "pivot.table: tag_view is a view"],
  [
    "{ table: customers, local: id, foreign: email }",
    "pivot.table: customers is the table that is imported into",
  ],
  [
    "{ table: customer_tags, local: customer, foreign: tag_id }",
    'pivot.local: the table customer_tags has no column "customer"; did you mean "customer_id"?',
  ],
  [
    "{ table: customer_tags, local: customer_id, foreign: made }",
    "pivot.foreign: Postgres fills made of customer_tags itself",
  ],
  [
    "{ table: loose_tags, local: customer_id, foreign: note }",
    "pivot.foreign: note is json, whose values Postgres can't compare",
  ],
  [
    "{ table: strict_tags, local: customer_id, foreign: tag_id, values: { by: x } }",
    "pivot.values: strict_tags needs a value for since (NOT NULL without a default)",
  ],
  [
    "{ table: strict_tags, local: customer_id, foreign: tag_id, values: { by: x, since: soon } }",
    'pivot: Postgres refuses to write links to strict_tags: invalid input syntax for type date: "soon"',
  ],
  [
    "{ table: no_parent, local: customer_id, foreign: tag_id }",
    "pivot: Postgres refuses to write links to no_parent: cannot cast type integer to uuid",
  ],
];

function definition(pivot: string, lookup = "{ table: tags, match: name }"): string {
  return `
table: customers
key: [email]
columns: { id: Id, email: Email }
many:
  - { from: Tags, lookup: ${lookup}, pivot: ${pivot} }
`;
}

const FILE = "Id,Email,Tags\n1,a@x,red\n";

Deno.test("a pivot table that can't be used is refused, with what to do", async () => {
  await using shop = await workshop(TABLES);
  const wrong = [
    ...WRONG.map(([pivot, message]) => [definition(pivot), message]),
    [
      definition(PIVOT, "{ table: tag, match: name }"),
      "many[0].lookup.table: there is no table tag in this database",
    ],
    [
      definition(PIVOT, "{ table: tags, match: nam }"),
      "lookup.match: the table tags has no column",
    ],
    [
      definition(PIVOT, "{ table: tags, match: name, returns: name }"),
      "lookup.returns: name of tags is text, which can't go into tag_id",
    ],
  ];
  for (const [yaml, message] of wrong) {
    await assert.rejects(shop.create(yaml, FILE), (error: Error) => {
      assert.ok(error.message.includes(message), `${error.message}\nexpected: ${message}`);
      return true;
    });
  }
  await shop.session.query("alter table customers drop constraint customers_pkey cascade");
  await assert.rejects(
    shop.create(definition("{ table: loose_tags, local: customer_id, foreign: tag_id }"), FILE),
    /has no foreign key to customers, which has no primary key of one column either/u,
  );
});

Deno.test("a list that the file doesn't have is told, and leaves all links alone", async () => {
  await using shop = await workshop(TABLES);
  const run = await shop.drive(await shop.create(definition(PIVOT), "Id,Email\n1,a@x\n"));
  assert.equal(run.status, "completed");
  assert.match(
    run.warnings.join("\n"),
    /no column "Tags" for customer_tags; it has Id, Email\. No/u,
  );
  const required = definition(PIVOT).replace("from: Tags", "from: Tags, required: true");
  await assert.rejects(shop.create(required, "Id,Email\n1,a@x\n"), /no column "Tags"/u);
});

Deno.test("a pivot table that vanishes in the middle fails the run, which can be resumed", async () => {
  await using shop = await workshop(TABLES);
  const run = await shop.create(definition(PIVOT), FILE);
  await shop.session.query(
    "insert into tags values (1, 'red'); alter table customer_tags rename to ct",
  );
  const ended = await shop.drive(run);
  assert.equal(ended.status, "failed");
  assert.match(ended.error?.message ?? "", /no table customer_tags/u);
});

Deno.test("a column with a list is no unmapped one", async () => {
  await using shop = await workshop(TABLES);
  const yaml = `${definition(PIVOT)}options: { unmapped: fail }`;
  const run = await shop.drive(await shop.create(yaml, "Id,Email,Tags\n1,a@x,\n"));
  assert.deepEqual([run.status, run.warnings], ["completed", []]);
});
