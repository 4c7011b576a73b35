/**
 * Rows of one file that go into several tables have the outcome of trying each by itself, and are found
 * there when the run is verified.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../../src/db/session.ts";
import type { Run } from "../../../src/ledger/runs/runs.ts";
import { workshop } from "../importing.ts";
import { counted, sampled, verify } from "../verify/verifying.ts";

const TABLES = `
  create extension citext;
  create table admins (
    id int generated always as identity primary key, login citext unique not null,
    level int check (level <> 3));
  create table users (
    id int generated always as identity primary key, email text unique not null, name text,
    boss citext, boss_id int references admins (id));
  insert into admins (login, level) values ('ann', 1);
  insert into users (email, name) values ('u@x', 'old');`;

const REFERENCE = "alter table users add foreign key (boss) references admins (login);";

interface Row {
  readonly type: string;
  /** The login of an admin, the email of a user. */
  readonly key: string;
  readonly value: string;
  readonly boss: string;
}

const rows = fc.array(
  fc.record({
    type: fc.constantFrom("admin", "user", "user", "robot", ""),
    key: fc.constantFrom("ann", "ANN", "bob", "cyd", "u@x", "v@x", ""),
    value: fc.constantFrom("1", "2", "3", "x", "9"),
    boss: fc.constantFrom("", "", "ann", "bob", "nobody"),
  }),
  { minLength: 0, maxLength: 30 },
);

const choices = fc.record({
  admins: fc.constantFrom("update", "skip", "fail"),
  users: fc.constantFrom("update", "skip", "fail"),
  /** How users refer to admins, who may come later in the file. */
  refers: fc.constantFrom("not", "key", "lookup"),
  takesRest: fc.boolean(),
  batch: fc.constantFrom(1, 4, 1000),
  whole: fc.boolean(),
});
type Choice = typeof choices extends fc.Arbitrary<infer T> ? T : never;

function definitionOf({ admins, users, refers, takesRest, batch, whole }: Choice): string {
  const boss = refers === "key"
    ? "boss: Boss,"
    : refers === "lookup"
    ? "boss_id: { from: Boss, lookup: { table: admins, match: login } },"
    : "";
  return `
tables:
  - table: admins
    when: { column: Type, equals: admin }
    key: [login]
    on_duplicate: ${admins}
    columns: { login: Key, level: { from: Value, type: integer, max: 8 } }
  - table: users
    ${takesRest ? "" : "when: { column: Type, equals: user }"}
    key: [email]
    on_duplicate: ${users}
    columns: { ${boss} email: Key, name: Value }
options: { batch_rows: ${batch}, transaction: ${whole ? "run" : "batch"}, log_rows: all }
`;
}

function fileOf(all: readonly Row[]): string {
  return `Type,Key,Value,Boss\n${
    all.map(({ type, key, value, boss }) => `${type},${key},${value},${boss}\n`).join("")
  }`;
}

type Status = "created" | "updated" | "skipped" | "failed";

interface Expected {
  /** By row, from 1. */
  readonly outcomes: readonly Status[];
  readonly tables: readonly string[];
}

/** In a transaction that is rolled back. Nobody waits for a user, so admins can come first. */
async function oneByOne(
  session: Session,
  all: readonly Row[],
  choice: Choice,
): Promise<Expected> {
  await session.query("begin");
  const outcomes: Status[] = [];
  for (const isAdmins of [true, false]) {
    for (const [index, row] of all.entries()) {
      if ((row.type === "admin") !== isAdmins) continue;
      try {
        outcomes[index] = await session.savepoint("one", () => apply(session, row, choice));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        outcomes[index] = "failed";
      }
    }
  }
  const isUndone = choice.whole && outcomes.includes("failed");
  const after = isUndone ? null : await contents(session);
  await session.query("rollback");
  return { outcomes, tables: after ?? await contents(session) };
}

async function apply(
  session: Session,
  { type, key, value, boss }: Row,
  { admins, users, refers, takesRest }: Choice,
): Promise<Status> {
  if (type !== "admin" && type !== "user" && !takesRest) throw new Error("no table");
  if (key === "") throw new Error("no key");
  if (type === "admin") {
    if (!/^[1-8]$/u.test(value)) throw new Error("wrong level");
    const [known] = await session.query<{ same: boolean }>(
      "select level = $2::int as same from admins where login = $1::citext",
      [key, value],
    );
    if (known === undefined) {
      await session.query("insert into admins (login, level) values ($1, $2)", [key, value]);
      return "created";
    }
    if (admins === "fail") throw new Error("duplicate");
    if (admins === "skip") return "skipped";
    // The key is compared by its own rules, and written as the file has it.
    const [now] = await session.query<{ same: boolean }>(
      "select login::text = $1 and level = $2::int as same from admins where login = $1::citext",
      [key, value],
    );
    if (now.same) return "skipped";
    await session.query("update admins set level = $2 where login = $1::citext", [key, value]);
    return known.same ? "skipped" : "updated";
  }
  const bosses = boss === "" ? [] : await session.query<{ id: number; login: string }>(
    "select id, login::text as login from admins where login = $1::citext",
    [boss],
  );
  if (refers !== "not" && boss !== "" && bosses.length === 0) throw new Error("no boss");
  const column = refers === "lookup" ? "boss_id" : "boss";
  const reference = refers === "not" || boss === ""
    ? null
    : refers === "lookup"
    ? bosses[0].id
    : boss;
  const [known] = await session.query<{ same: boolean }>(
    `select name is not distinct from $2 and ${column}::text is not distinct from $3::text as same
     from users where email = $1`,
    [key, value, reference],
  );
  if (known === undefined) {
    await session.query(`insert into users (email, name, ${column}) values ($1, $2, $3)`, [
      key,
      value,
      reference,
    ]);
    return "created";
  }
  if (users === "fail") throw new Error("duplicate");
  if (users === "skip" || known.same) return "skipped";
  await session.query(`update users set name = $2, ${column} = $3 where email = $1`, [
    key,
    value,
    reference,
  ]);
  return "updated";
}

async function contents(session: Session): Promise<readonly string[]> {
  const found = await session.query<{ row: string }>(
    `select concat_ws(' ', 'admin', lower(login::text), level) as row from admins
     union all
     select concat_ws(' ', 'user', email, name, lower(u.boss::text), lower(a.login::text))
     from users u left join admins a on a.id = u.boss_id
     order by 1`,
  );
  return found.map(({ row }) => row);
}

async function outcomesOf(session: Session, { id }: Run): Promise<readonly string[]> {
  const found = await session.query<{ status: string }>(
    "select status from ingest.rows where run_id = $1 order by row_number",
    [id],
  );
  return found.map(({ status }) => status);
}

function countsOf(outcomes: readonly string[]) {
  const count = (status: string) => outcomes.filter((each) => each === status).length;
  return {
    created: count("created"),
    updated: count("updated"),
    skipped: count("skipped"),
    failed: count("failed"),
  };
}

Deno.test("each row goes into the table that takes it, as if it were the only one", async () => {
  await fc.assert(
    fc.asyncProperty(rows, choices, async (all, choice) => {
      await using shop = await workshop(
        choice.refers === "key" ? `${TABLES}${REFERENCE}` : TABLES,
      );
      const { session } = shop;
      const expected = await oneByOne(session, all, choice);
      const yaml = definitionOf(choice);
      const before = await contents(session);
      const dry = await shop.drive(await shop.create(yaml, fileOf(all), { dryRun: true }), 3);
      assert.deepEqual(await contents(session), before);
      const run = await shop.drive(await shop.create(yaml, fileOf(all)), 3);
      assert.deepEqual(await contents(session), expected.tables);
      const isFailed = choice.whole && expected.outcomes.includes("failed");
      assert.equal(run.status === "failed", isFailed, run.error?.message);
      if (isFailed) return;
      assert.deepEqual(await outcomesOf(session, run), expected.outcomes);
      assert.deepEqual(await outcomesOf(session, dry), expected.outcomes);
      const { created, updated, skipped, failed } = run.summary ?? {};
      assert.deepEqual({ created, updated, skipped, failed }, countsOf(expected.outcomes));
      const { seconds: _, ...real } = run.summary ?? {};
      const { seconds: __, ...predicted } = dry.summary ?? {};
      assert.deepEqual(predicted, real);
      const found = await verify(shop.ledger, run.id);
      const said = `${counted(found)}\n${sampled(found).join("\n")}`;
      assert.equal(found.differs, false, said);
      const { as_written: same, skipped: left, replaced, set_aside: bad } = found.rows;
      const { failed: wrong } = countsOf(expected.outcomes);
      assert.deepEqual([same + left + replaced, bad], [all.length - wrong, wrong], said);
    }),
    {
      numRuns: Number(Deno.env.get("REFERENCE_RUNS") ?? 12),
      seed: Number(Deno.env.get("REFERENCE_SEED") ?? 44),
    },
  );
});
