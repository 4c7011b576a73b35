/** What a role may not see, or not do, is said before a run begins that deletes or marks rows. */
import assert from "node:assert/strict";
import { type Workshop, workshop } from "../importing.ts";

const TABLES = `
  create table t (id int primary key, n int, gone boolean not null default false);
  create table notes (id int references t on delete cascade);
  insert into t select i, i from generate_series(1, 10) i;
  insert into notes values (10);`;

const ALL = "grant select, insert, update, delete on t to $role; grant select on notes to $role;";

/** In a session of a role that has these privileges only. */
async function limited(grants: string, work: (shop: Workshop) => Promise<void>): Promise<void> {
  await using shop = await workshop(TABLES);
  const { session } = shop;
  const role = `limited_${crypto.randomUUID().slice(0, 8)}`;
  await session.query(
    `create role ${role}; grant usage on schema ingest, public to ${role};
     grant all on all tables in schema ingest to ${role};
     grant all on all sequences in schema ingest to ${role};
     ${grants.replaceAll("$role", role)}; set role ${role}`,
  );
  try {
    await work(shop);
  } finally {
    await session.query(`reset role; drop owned by ${role} cascade; drop role ${role}`);
  }
}

function create(shop: Workshop, onAbsent: string): Promise<unknown> {
  const yaml = `table: t\nkey: id\non_duplicate: update\non_absent: ${onAbsent}\n` +
    "columns: {id: id, n: n}\noptions: {transaction: run, max_absent: 100%}\n";
  return shop.create(yaml, "id,n\n1,5\n");
}

const MARK = "{mark: {column: gone, value: true}}";

/** What is missing, for which rule, and what is said. Null: nothing. */
const CASES: readonly (readonly [string, string, string, RegExp | null])[] = [
  ["nothing", "", "delete", null],
  ["nothing", "", MARK, null],
  [
    "the right to read",
    "revoke select on t from $role; grant select (id) on t to $role",
    "delete",
    /may not read all columns of public\.t.*grant select/su,
  ],
  [
    "the right to delete",
    "revoke delete on t from $role",
    "delete",
    /may not delete rows of public\.t.*grant delete/su,
  ],
  ["the right to delete", "revoke delete on t from $role", MARK, null],
  [
    "the right to mark",
    "revoke update on t from $role; grant update (id, n) on t to $role",
    MARK,
    /may not update gone of public\.t/u,
  ],
  [
    "policies hide rows",
    "alter table t enable row level security; create policy p on t using (id < 5)",
    "delete",
    /has row-level security, so the role \w+ may not see which of its rows/u,
  ],
  [
    "policies hide rows",
    "alter table t enable row level security; create policy p on t using (id < 5)",
    MARK,
    /has row-level security/u,
  ],
  [
    "the right to see what refers to rows",
    "revoke select on notes from $role",
    "delete",
    /rows of notes would be deleted or changed \(notes_id_fkey\).*may not see.*grant select on notes/su,
  ],
  ["the right to see what refers to rows", "revoke select on notes from $role", MARK, null],
  [
    "policies hide what refers to rows",
    "alter table notes enable row level security; create policy p on notes using (id < 5)",
    "delete",
    /may not see all of these: notes has row-level security/u,
  ],
];

for (const [missing, grants, onAbsent, expected] of CASES) {
  const rule = onAbsent === "delete" ? "to delete" : "to mark";
  Deno.test(`${rule} absent rows, where this is missing: ${missing}`, async () => {
    await limited(`${ALL} ${grants}`, async (shop) => {
      if (expected === null) {
        await create(shop, onAbsent);
        return;
      }
      await assert.rejects(create(shop, onAbsent), (error: Error) => {
        assert.match(error.message, expected);
        return true;
      });
    });
  });
}

Deno.test("a reference that somebody adds after the run was created is found when rows are to be deleted", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, n int); insert into t values (1, 1), (2, 2)`,
  );
  const run = await shop.create(
    "table: t\nkey: id\non_duplicate: update\non_absent: delete\n" +
      "options: {transaction: run, max_absent: 100%}\n",
    "id,n\n1,5\n",
  );
  await shop.session.query(
    "create table notes (id int references t on delete cascade); insert into notes values (2)",
  );
  const ended = await shop.drive(run);
  assert.equal(ended.error?.code, "absent_refused");
  assert.match(ended.error?.message ?? "", /1 row of notes would be deleted with them/u);
});
