/** Hooks that choose the table of a row, or change what its tables' conditions look at. */
import assert from "node:assert/strict";
import { type Hooking, hooking } from "../hooking.ts";
import { counted, verify } from "../verify/verifying.ts";

const TABLES = `
  create table admins (login text primary key, name text, level int);
  create table users (login text primary key, name text);`;

const DEFINITION = `
tables:
  - table: admins
    columns: { level: Level }
  - table: users
columns: { login: Login, name: Name }
key: login
on_duplicate: update
options: { batch_rows: 2 }
`;

const FILE = "Type,Login,Name,Level\nadmin,ann,Ann,1\nuser,bob,Bob,\nrobot,r,R,\nboth,x,X,\n" +
  "admin,ann,Ann again,x\nadmin,bob,Bob,3\nuser,bob,Bob again,\n";

async function contents({ query }: Hooking): Promise<unknown> {
  return (await query(
    `select concat_ws(' ', 'admin', login, name, level) as row from admins
     union all select concat_ws(' ', 'user', login, name) from users order by 1`,
  )).map((each) => (each as { row: string }).row);
}

Deno.test("a hook chooses the table, and a row for which it gives none fails", async () => {
  await using made = await hooking(TABLES);
  await made.write(
    DEFINITION,
    `export default () => ({
      tables: ["users", "admins"],
      beforeRow(row) { row.Type = row.Type.toUpperCase(); },
      table(row) {
        if (row.Type === "BOTH") throw new Error("It can't be both.");
        return row.Type === "ADMIN" ? "admins" : row.Type === "USER" ? "users" : row.Type;
      },
      columns: { name: (value) => value + "!" },
    });`,
  );
  const dry = await made.run(FILE, true);
  assert.deepEqual(await contents(made), []);
  const run = await made.run(FILE);
  assert.deepEqual(await contents(made), [
    "admin ann Ann! 1",
    "admin bob Bob! 3",
    "user bob Bob again!",
  ]);
  assert.deepEqual(await made.failures(run), [
    '3 hook - table gave "ROBOT"; expected one of users, admins.',
    "4 hook - It can't be both.",
    "5 type level The level field must be a whole number.",
  ]);
  assert.deepEqual(run.summary?.related, {
    admins: { created: 2, updated: 0, skipped: 0, failed: 1 },
    users: { created: 1, updated: 1, skipped: 0, failed: 0 },
  });
  const { seconds: _, ...real } = run.summary ?? {};
  const { seconds: __, ...predicted } = dry.summary ?? {};
  assert.deepEqual(predicted, real);
  const found = await verify(made.shop.ledger, run.id);
  assert.equal(counted(found), "3 as_written, 3 set_aside, 1 replaced");
  assert.deepEqual(found.tables?.map(({ table, rows }) => [table, rows.as_written]), [
    ["admins", 2],
    ["users", 1],
  ]);
  // The rows are chosen once more when they are retried.
  const { run: again } = await made.retry(run);
  assert.deepEqual([again.summary?.created, again.summary?.failed], [0, 3]);
});

Deno.test("conditions see the row as the hooks left it", async () => {
  await using made = await hooking(TABLES);
  await made.write(
    DEFINITION.replace("table: admins", "table: admins\n    when: { column: Type, equals: A }"),
    `export default () => ({ beforeRow(row) { row.Type = row.Type[0].toUpperCase(); } });`,
  );
  await made.run("Type,Login,Name,Level\nadmin,ann,Ann,1\nuser,bob,Bob,\n");
  assert.deepEqual(await contents(made), ["admin ann Ann 1", "user bob Bob"]);
});

Deno.test("hooks that end take the rows of all tables with them", async () => {
  await using made = await hooking(TABLES);
  await made.write(
    `${DEFINITION.replace("batch_rows: 2", "hook_timeout: 1s")}`,
    `export default () => ({
      tables: ["admins", "users"],
      table(row) { if (row.Login === "r") for (;;); return "users"; },
    });`,
  );
  const run = await made.run("Type,Login,Name,Level\nu,a,A,\nu,r,R,\n");
  assert.deepEqual(
    (await made.failures(run)).map((text) => text.split(" ").slice(0, 2).join(" ")),
    [
      "1 hook_timeout",
      "2 hook_timeout",
    ],
  );
});

const CHOOSES = `tables: ["admins", "users"], table: () => "users"`;
const WRONG: readonly (readonly [what: string, hooks: string, why: RegExp, yaml?: string])[] = [
  ["no choice at all", "beforeRow() {}", /admins takes all rows: give it a `when`, or let/],
  ["other tables", `tables: ["admins", "user"], table: () => "user"`, /one of admins, user, and/],
  ["fewer tables", `tables: ["users"], table: () => "users"`, /chooses one of users, and the/],
  [
    "a condition, too",
    CHOOSES,
    /chooses the table of each row, so users can't have a `when`/,
    DEFINITION.replace("table: users", "table: users\n    when: { column: Type, equals: u }"),
  ],
  ["one table only", CHOOSES, /the definition has one: name them in `tables`/, "table: users"],
  [
    "afterBatch",
    `${CHOOSES}, afterBatch() {}`,
    /afterBatch, which can't be combined with `tables`/,
  ],
];

for (const [what, hooks, why, yaml = DEFINITION] of WRONG) {
  Deno.test(`hooks that choose a table are refused with ${what}`, async () => {
    await using made = await hooking(TABLES);
    await made.write(yaml, `export default () => ({ ${hooks} });`);
    await assert.rejects(() => made.create(FILE), why);
  });
}
