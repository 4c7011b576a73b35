import assert from "node:assert/strict";
import { areKnownApart } from "../../../src/run/plan/known_apart.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { failedRun } from "../request/failing_rows.ts";
import { count, workshop } from "../importing.ts";
import { contents, exported, makeRetry, retry, type Retrying } from "../retrying.ts";

const TABLE = `create table items (id int primary key, v text, w text,
  constraint good check (v not like 'bad%'))`;
const MEND = "alter table items drop constraint good";

const definition = ({ id = "integer", v = "v", more = "" } = {}) =>
  `table: items
${more}columns: {id: {from: id, type: ${id}}, v: ${v}}
`;

interface Case {
  readonly file?: string;
  /** What the run was done with. */
  readonly ran?: string;
  /** What happens before the retry. */
  readonly sql?: string;
  readonly retried?: Retrying;
  /** What happens after it was created. */
  readonly late?: string;
}

const FILE = "id,v\n1,bad1\n2,b\n3,bad3\n";

const KNOWN: Readonly<Record<string, Case>> = {
  "nothing has changed": { ran: definition() },
  "the definition names no columns": { ran: "table: items\n" },
  "a constraint is gone": { sql: MEND },
  "the rule of another column is new": {
    retried: { definition: definition({ v: "{from: v, transform: [upper]}" }) },
  },
  "the options are new": {
    retried: { definition: definition({ more: "options: {batch_rows: 7}\n" }) },
  },
  "a column that is no key has another type": { sql: "alter table items alter v type varchar(40)" },
  "only rows that were loaded repeat a key": {
    file: "id,v\n1,bad1\n2,b\n2,c\n",
    ran: definition({ more: "key: id\non_duplicate: update\n" }),
  },
  "it is a dry run": { retried: { dryRun: true } },
};

const UNKNOWN: Readonly<Record<string, Case>> = {
  "the rule of a key's column is new": { retried: { definition: definition({ id: "numeric" }) } },
  "a key's column comes from another": {
    file: "id,v,n\n1,bad1,5\n2,b,6\n3,bad3,5\n",
    retried: { definition: definition().replace("from: id", "from: n") },
  },
  "how the file is read is new": {
    retried: { definition: definition({ more: "source: {null_values: [x]}\n" }) },
  },
  "how duplicates are treated is new": {
    retried: { definition: definition({ more: "key: id\non_duplicate: skip\n" }) },
  },
  "there is a new unique index": { sql: "create unique index on items (v)" },
  "a key's column has another type": { sql: "alter table items alter id type bigint" },
  "a key's column has another precision": {
    sql: "alter table items alter id type numeric(9, 2)",
  },
  "the table has a new column, and the definition names none": {
    ran: "table: items\n",
    sql: "alter table items add x text",
  },
  "a failed row repeats a key": { file: "id,v\n1,bad1\n2,b\n1,bad3\n" },
  "a key's column has a pattern": {
    ran: definition({ id: "integer, pattern: '^\\d+$'" }),
  },
  "the run was planned by an older version": {
    sql: "update ingest.runs set planned_keys = null",
  },
  "the run was done in order": { sql: "update ingest.runs set in_order = true" },
  "the run's table is not on record": { sql: "delete from ingest.run_tables" },
  "values are read with other settings": {
    late:
      "update ingest.runs set settings = jsonb_build_object('TimeZone', 'Asia/Tokyo') where id = 1",
  },
};

for (const [expected, cases] of [[true, KNOWN], [false, UNKNOWN]] as const) {
  for (
    const [what, { file = FILE, ran = definition(), sql, retried, late }] of Object.entries(cases)
  ) {
    Deno.test(`a retry's rows are ${expected ? "only measured" : "read for their keys"} if ${what}`, async () => {
      await using shop = await workshop(TABLE);
      const run = await failedRun(shop, ran, file);
      if (sql !== undefined) await shop.session.execute(sql);
      const made = await makeRetry(shop, run.id, retried);
      if (late !== undefined) await shop.session.execute(late);
      const program = await prepareRun(shop.session, made, "ingest");
      const known = await shop.ledger.transaction(() => areKnownApart(shop.ledger, program));
      assert.equal(known, expected);
    });
  }
}

Deno.test("rows that were repaired, or may have been, are read for their keys", async () => {
  await using shop = await workshop(TABLE);
  const run = await failedRun(shop, definition(), FILE);
  const file = (await exported(shop, run)).replace("3,bad3", "1,bad3");
  const repaired = await makeRetry(shop, run.id, { file });
  const of = async (made: typeof run) => {
    const program = await prepareRun(shop.session, made, "ingest");
    return await shop.ledger.transaction(() => areKnownApart(shop.ledger, program));
  };
  assert.equal(await of(repaired), false);
  await shop.drive(repaired);
  await shop.session.execute(MEND);
  const again = await makeRetry(shop, repaired.id);
  assert.equal(await of(again), false);
  assert.equal((await shop.drive(again)).status, "completed_with_errors");
  assert.deepEqual(await contents(shop), ["1=bad1", "2=b"]);
});

Deno.test("rows that repeat a key only since a unique index is there are loaded one after the other", async () => {
  await using shop = await workshop(TABLE);
  const more = "options: {log_rows: all, batch_rows: 1}\n";
  const rows = Array.from({ length: 6 }, (_, i) => `${i + 1},bad${i % 2}\n`).join("");
  const run = await failedRun(shop, definition({ more }), `id,v\n${rows}`);
  await shop.session.query(`${MEND}; create unique index on items (v)`);
  const made = await retry(shop, run.id);
  assert.equal(made.status, "completed_with_errors");
  assert.equal(await count(shop.session, `ingest.deferred where run_id = ${made.id}`), 4);
  assert.deepEqual(await contents(shop), ["1=bad0", "2=bad1"]);
});
