/** Relations of whole batches have the outcome of linking each row by itself, also under kills. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../../src/db/session.ts";
import { workshop } from "../importing.ts";
import { verify } from "../verify/verifying.ts";

const TABLES = `
  create extension citext;
  create table people (id int generated always as identity primary key, email text unique, age int);
  create table tags (id int generated always as identity primary key, name citext unique);
  create table people_tags (
    person int not null references people, tag int not null references tags check (tag <> 2),
    unique (person, tag));
  insert into tags (name) values ('red'), ('bad'), ('blue');
  insert into people (email, age) values ('a', 1), ('b', 2);
  insert into people_tags values (1, 1), (1, 3), (2, 3);`;

interface Row {
  readonly email: string;
  readonly age: string;
  readonly tags: readonly string[];
}

const rows = fc.array(
  fc.record({
    email: fc.constantFrom("a", "b", "c", "d", "e", ""),
    age: fc.constantFrom("1", "2", "3", "x"),
    tags: fc.array(fc.constantFrom("red", "RED", "blue", "green", "pink", " ", "", "bad", "gone"), {
      maxLength: 4,
    }),
  }),
  { minLength: 1, maxLength: 30 },
);

const choices = fc.record({
  duplicate: fc.constantFrom("update", "skip", "fail"),
  sync: fc.constantFrom("add", "replace"),
  create: fc.boolean(),
  batch: fc.constantFrom(1, 4, 1000),
  whole: fc.boolean(),
});
type Choice = typeof choices extends fc.Arbitrary<infer T> ? T : never;

function definitionOf({ duplicate, sync, create, batch, whole }: Choice): string {
  return `
table: people
key: [email]
on_duplicate: ${duplicate}
columns: { email: Email, age: Age }
many:
  - from: Tags
    separator: "|"
    lookup: { table: tags, match: name${create ? ", create: true" : ""} }
    pivot: { table: people_tags, local: person, foreign: tag }
    sync: ${sync}
options: { batch_rows: ${batch}, transaction: ${whole ? "run" : "batch"} }
`;
}

function fileOf(all: readonly Row[]): string {
  return `Email,Age,Tags\n${
    all.map(({ email, age, tags }) => `${email},${age},${tags.join("|")}\n`).join("")
  }`;
}

/** In a transaction that is rolled back: the table's links after each row was tried alone. */
async function oneByOne(
  session: Session,
  all: readonly Row[],
  { duplicate, sync, create, whole }: Choice,
): Promise<readonly string[]> {
  await session.query("begin");
  let failed = 0;
  for (const row of all) {
    try {
      await session.savepoint("one", () => apply(session, row, duplicate, sync, create));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      failed++;
    }
  }
  const after = failed > 0 && whole ? null : await links(session);
  await session.query("rollback");
  return after ?? await links(session);
}

async function apply(
  session: Session,
  { email, age, tags }: Row,
  duplicate: Choice["duplicate"],
  sync: Choice["sync"],
  create: boolean,
): Promise<void> {
  if (email === "" || age === "x") throw new Error("wrong");
  const names = tags.map((name) => name.trim()).filter((name) => name !== "");
  const ids: number[] = [];
  const find = (name: string) =>
    session.query<{ id: number }>("select id from tags where name = $1::citext", [name]);
  for (const name of names) {
    if (create) {
      await session.query("insert into tags (name) values ($1) on conflict do nothing", [name]);
    }
    const [tag] = await find(name);
    if (tag === undefined) throw new Error("lookup");
    ids.push(tag.id);
  }
  const [known] = await session.query<{ id: number }>("select id from people where email = $1", [
    email,
  ]);
  if (known !== undefined && duplicate === "fail") throw new Error("duplicate");
  if (known !== undefined && duplicate === "skip") return;
  const [{ id }] = known === undefined
    ? await session.query<{ id: number }>(
      "insert into people (email, age) values ($1, $2) returning id",
      [email, age],
    )
    : await session.query<{ id: number }>(
      "update people set age = $2 where email = $1 returning id",
      [email, age],
    );
  if (sync === "replace") {
    await session.query("delete from people_tags where person = $1 and tag <> all ($2::int[])", [
      id,
      ids,
    ]);
  }
  for (const tag of ids) {
    await session.query("insert into people_tags values ($1, $2) on conflict do nothing", [
      id,
      tag,
    ]);
  }
}

async function links(session: Session): Promise<readonly string[]> {
  const found = await session.query<{ row: string }>(
    `select concat_ws(' ', email, age, (select string_agg(lower(t.name::text), ',' order by 1)
       from (select lower(t.name::text) as name from people_tags l join tags t on t.id = l.tag
         where l.person = p.id order by 1) t)) as row
     from people p order by 1`,
  );
  return found.map(({ row }) => row);
}

Deno.test("each row has the links that it gets by itself, and a dry run counts them", async () => {
  await fc.assert(
    fc.asyncProperty(rows, choices, async (all, choice) => {
      await using shop = await workshop(TABLES);
      const expected = await oneByOne(shop.session, all, choice);
      const yaml = definitionOf(choice);
      const dry = await shop.drive(await shop.create(yaml, fileOf(all), { dryRun: true }));
      const run = await shop.drive(await shop.create(yaml, fileOf(all)), 3);
      assert.deepEqual(await links(shop.session), expected);
      if (run.status === "failed") return;
      const { seconds: _, ...real } = run.summary ?? {};
      const { seconds: __, ...predicted } = dry.summary ?? {};
      assert.deepEqual(predicted, real);
      const verified = await verify(shop.ledger, run.id);
      assert.equal(verified.differs, false, JSON.stringify(verified, null, 1));
    }),
    { numRuns: Number(Deno.env.get("REFERENCE_RUNS") ?? 3), seed: 18 },
  );
});
