/**
 * The reference for a value is Postgres itself: whatever it prints, and every notation that its
 * manual documents, is loaded as an INSERT would load it, or it fails and is listed here. By COPY's
 * binary format and by its text format.
 */
import assert from "node:assert/strict";
import { PostgresError, type Session } from "../../src/db/session.ts";
import { type Workshop, workshop } from "./importing.ts";
import { BINARY, LEFT_TO_FORMATS, TEXT } from "./postgres_values.ts";

interface Case {
  readonly type: string;
  readonly value: string;
}

function cases(values: Readonly<Record<string, readonly string[]>>): Case[] {
  return Object.entries(values).flatMap(([type, list]) => list.map((value) => ({ type, value })));
}

/** What an INSERT of the text makes of it, in Postgres's words; null if it is refused. */
async function inserted(session: Session, { type, value }: Case): Promise<string | null> {
  await session.execute("savepoint s");
  try {
    const literal = `'${value.replaceAll("'", "''")}'`;
    await session.execute(`create temp table one (v ${type}) on commit drop`);
    await session.execute(`insert into one values (${literal})`);
    const [{ v }] = await session.query<{ v: string | null }>("select v::text from one");
    await session.execute("drop table one");
    await session.execute("release savepoint s");
    return v;
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    await session.execute("rollback to savepoint s");
    return null;
  }
}

async function expected(session: Session, list: readonly Case[]): Promise<(string | null)[]> {
  await session.execute("begin");
  const values: (string | null)[] = [];
  for (const one of list) values.push(await inserted(session, one));
  await session.execute("rollback");
  return values;
}

/**
 * What ingest makes of the texts: one row for each, with one column filled. `type`: a type for all
 * columns. Every row is a batch of its own, so that a batch is binary if its value can be.
 */
async function imported(
  shop: Workshop,
  list: readonly Case[],
  type: string | null,
): Promise<(string | null)[]> {
  const { session } = shop;
  const types = [...new Set(list.map((one) => one.type))];
  const columns = types.map((_, i) => `c${i}`);
  await session.execute("drop table if exists t");
  await session.execute(
    `create table t (id int, ${columns.map((name, i) => `${name} ${types[i]}`).join(", ")})`,
  );
  const rows = list.map((one, row) =>
    [
      row,
      ...types.map((type) => type === one.type ? `"${one.value.replaceAll('"', '""')}"` : ""),
    ].join(",")
  );
  const rules = columns.map((name) => `  ${name}: { ${type === null ? "" : `type: ${type}`} }\n`);
  const run = await shop.drive(
    await shop.create(
      `table: t\noptions: { batch_rows: 1 }\ncolumns:\n  id: id\n${rules.join("")}`,
      `id,${columns.join(",")}\n${rows.join("\n")}\n`,
    ),
  );
  assert.ok(run.status.startsWith("completed"), JSON.stringify(run.error));
  const loaded = await session.query<{ id: number; v: string | null }>(
    `select id, coalesce(${columns.map((name) => `${name}::text`).join(", ")}) as v from t`,
  );
  const byId = new Map(loaded.map(({ id, v }) => [id, v]));
  return list.map((_, row) => byId.get(row) ?? null);
}

function differences(
  list: readonly Case[],
  actual: readonly (string | null)[],
  wanted: readonly (string | null)[],
): string[] {
  return list.flatMap(({ type, value }, i) =>
    actual[i] === wanted[i]
      ? []
      : [`${type} ${JSON.stringify(value)}: ${actual[i]}, not ${wanted[i]}`]
  );
}

const SETTINGS = "set time zone 'UTC'";

for (const [name, values] of [["binary", BINARY], ["text", { ...BINARY, ...TEXT }]] as const) {
  Deno.test(`what Postgres writes is loaded as INSERT loads it, in COPY's ${name} format`, async () => {
    await using shop = await workshop(SETTINGS);
    const list = cases(values);
    const wanted = await expected(shop.session, list);
    assert.deepEqual(differences(list, await imported(shop, list, null), wanted), []);
  });
}

Deno.test("with type: text, only Postgres judges", async () => {
  await using shop = await workshop(SETTINGS);
  for (const values of [BINARY, { ...TEXT, ...LEFT_TO_FORMATS }]) {
    // `now` is another time in another transaction.
    const list = cases(values).filter(({ value }) => !["now", "today"].includes(value));
    const wanted = await expected(shop.session, list);
    assert.deepEqual(differences(list, await imported(shop, list, "text"), wanted), []);
  }
});

Deno.test("notations that are left to `format` and `type: text` fail, and are never guessed", async () => {
  await using shop = await workshop(SETTINGS);
  const list = cases(LEFT_TO_FORMATS);
  assert.ok((await expected(shop.session, list)).every((value) => value !== null));
  assert.ok((await imported(shop, list, null)).every((value) => value === null));
});

const ZONES = "format: 'yyyy-MM-dd HH:mm:ss z'";

Deno.test("keys that are equal in other notations are one key", async () => {
  for (
    const [type, one, other, rule] of [
      ["timestamp", "2024-02-29 24:00:00", "2024-03-01 00:00:00", ""],
      ["timestamp", "20240301T000000", "2024-03-01", ""],
      ["timestamptz", "0044-03-15 12:00:00+01 BC", "0044-03-15 11:00:00+00 BC", ""],
      ["timestamptz", "1883-11-18 12:03:58-04:56:02", "1883-11-18 17:00:00Z", ""],
      ["timestamptz", "infinity", "INFINITY", ""],
      ["date", "010000-01-01", "10000-01-01", ""],
      ["date", "20240229", "2024-02-29", ""],
      ["numeric", "inf", "+Infinity", ""],
      ["float8", "-0", "0", ""],
      ["uuid", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "A0EEBC999c0b4ef8bb6d6bb9bd380a11", ""],
      ["bool", "tru", "y", ""],
      ["timestamptz", "2024-07-15 10:00:00 Europe/Berlin", "2024-07-15 08:00:00 UTC", ZONES],
      ["timestamptz", "2024-07-15 08:00:00 UTC", "2024-07-15 10:00:00 Europe/Berlin", ZONES],
      ["timestamp", "2024-07-15 10:00:00 Europe/Berlin", "2024-07-15 10:00:00 UTC", ZONES],
      ["timestamp", "1721032200", "1721032200.0", "format: unix"],
      ["numeric", "(1.50)", "-1.5", "accept: parentheses"],
      ["int4", "7", "007", "type: text"],
      ["date", "January 8, 1999", "1999-01-08", "type: text"],
      ["bool", "ye", "on", "type: text"],
    ] as const
  ) {
    await using shop = await workshop(`create table t (k ${type} primary key, v int)`);
    const run = await shop.drive(
      await shop.create(
        `table: t\nkey: k\non_duplicate: update\ncolumns:\n  k: { ${rule} }\n  v: v\n`,
        `k,v\n"${one}",1\n"${other}",2\n`,
      ),
    );
    assert.equal(run.status, "completed", `${type} ${one} ${other}`);
    const rows = await shop.session.query<{ v: number }>("select v from t");
    assert.deepEqual(rows, [{ v: 2 }], `${type} ${one} ${other}`);
  }
});

Deno.test("random values come back from their own text", async () => {
  await using shop = await workshop(SETTINGS);
  const { session } = shop;
  const random: Readonly<Record<string, string>> = {
    float8:
      "case when random() < 0.1 then '-0'::float8 else (random() - 0.5) * 10 ^ (600 * random() - 300) end",
    float4: "((random() - 0.5) * 10 ^ (60 * random() - 30))::float4",
    numeric: "((random() - 0.5) * 10 ^ (40 * random() - 20))::numeric * 1.0000000000001",
    date: "date '4713-01-01 BC' + (random() * 5000000)::int",
    timestamp: "timestamp '4713-01-01 BC' + random() * interval '298000 years'",
    timestamptz: "timestamptz '4713-01-01 BC' + random() * interval '9000 years'",
    time: "time '00:00' + random() * interval '24 hours'",
    uuid: "gen_random_uuid()",
    bool: "random() < 0.5",
    int8: "((random() - 0.5) * 18e18)::int8",
  };
  const types = Object.keys(random);
  const columns = types.map((type, i) => `c${i} ${type}`).join(", ");
  await session.execute("select setseed(0.22)");
  await session.execute(`create table source (id int, ${columns}); create table t (like source)`);
  await session.execute(
    `insert into source select n, ${
      Object.values(random).join(", ")
    } from generate_series(1, 3000) n`,
  );
  for (const zone of ["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kathmandu"]) {
    await session.execute(`set time zone '${zone}'; truncate t`);
    const [{ file }] = await session.query<{ file: string }>(
      `select string_agg(concat_ws(',', id, ${types.map((_, i) => `c${i}`).join(", ")}), e'\\n'
         order by id) as file from source`,
    );
    const run = await shop.drive(
      await shop.create("table: t\n", `id,${types.map((_, i) => `c${i}`).join(",")}\n${file}\n`),
    );
    assert.equal(run.status, "completed", zone);
    const [{ other }] = await session.query<{ other: number }>(
      `select count(*)::int as other from source s full join t using (id)
       where s::text is distinct from t::text`,
    );
    assert.equal(other, 0, zone);
  }
});
