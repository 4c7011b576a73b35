/**
 * The reference for a value is Postgres itself: whatever it prints, and every notation that its
 * manual documents, is loaded as an INSERT would load it, or it fails and is listed here. By COPY's
 * binary format and by its text format.
 */
import assert from "node:assert/strict";
import { PostgresError, type Session } from "../../src/db/session.ts";
import { type Workshop, workshop } from "./importing.ts";

/** Types whose columns can be sent in COPY's binary format, and notations of their values. */
const BINARY: Readonly<Record<string, readonly string[]>> = {
  "int2": ["0", "-32768", "32767", "32768", "+7", "007", "-0", "1.0", "1e2", "x"],
  "int4": ["2147483647", "-2147483648", "2147483648", "12 345"],
  "int8": ["9223372036854775807", "-9223372036854775808", "9223372036854775808"],
  "float8": [
    ...["0", "-0", "-0.0", "1.5", "-1e-7", "1e+20", "1e308", "1e309", "1e-400", ".5", "5."],
    ...["NaN", "nan", "Infinity", "-Infinity", "inf", "+inf", "INFINITY", "0.1", "-123456.789"],
  ],
  "numeric": [
    ...["0", "-0", "0.00", "1.50", "-1.5e3", "1e-7", ".5", "5.", "+7", "1e130"],
    ...["NaN", "nan", "+NaN", "Infinity", "-Infinity", "inf", "-inf", "+infinity", "infinit"],
    "12345678901234567890.123456789012345678901234567890",
  ],
  "numeric(5,2)": ["NaN", "Infinity", "-Infinity", "999.99", "999.994", "999.995", "-0.001"],
  "bool": [
    ...["t", "tr", "tru", "true", "TRUE", "y", "ye", "yes", "on", "1", "f", "fa", "fal", "fals"],
    ...["false", "n", "no", "of", "off", "0", "o", "truee", "2", ""],
  ],
  "date": [
    ...["2024-02-29", "0001-01-01", "9999-12-31", "10000-01-01", "5874897-12-31", "5874898-01-01"],
    ...["infinity", "-infinity", "INFINITY", "0044-03-15 BC", "4713-01-01 BC", "0004-02-29 BC"],
    ...["0005-02-29 BC", "0001-12-31 BC", "010000-01-01", "20240229", "20230229", "00010101"],
    ...["2024-02-30", "0000-01-01", "2024-02-29 00:00:00", "2024-02-29T00:00:00Z", "2024-13-01"],
  ],
  "timestamp": [
    ...["2024-02-29 12:30:00", "2024-02-29T12:30:00", "2024-02-29 12:30:00.123456", "2024-02-29"],
    ...[
      "2024-02-29 24:00:00",
      "2024-12-31 24:00:00",
      "2024-02-29 24:00:01",
      "0044-03-15 12:00:00 BC",
    ],
    ...["0001-12-31 24:00:00 BC", "infinity", "-infinity", "294276-12-31 23:59:59.999999"],
    ...[
      "294277-01-01 00:00:00",
      "12024-02-29 12:30:00.5",
      "4713-01-01 00:00:00 BC",
      "20240229T123000",
    ],
    ...[
      "20240229 123000.25",
      "20240229T123000Z",
      "2024-02-29 12:30:00+02",
      "20240229",
      "0044-03-15 BC",
    ],
  ],
  "uuid": [
    ...["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"],
    ...["{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", "a0eebc999c0b4ef8bb6d6bb9bd380a11"],
    ...["a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}"],
    ...["a0-eebc999c0b4ef8bb6d6bb9bd380a11", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99"],
  ],
};

const TEXT: Readonly<Record<string, readonly string[]>> = {
  "float4": ["-0", "NaN", "-Infinity", "1e38", "1e39", "1e-46", "0.1"],
  "time": [
    ...["04:05:06.789", "04:05:06", "04:05", "040506", "040506.5", "24:00:00", "24:00", "24:00:01"],
    ...["23:59:59.999999", "25:00"],
  ],
  "timetz": ["04:05:06-08:00", "040506+0730", "040506+07:30:00", "24:00:00+00", "04:05 PM"],
  "timestamptz": [
    ...["2024-02-29 12:30:00+00", "2024-02-29 12:30:00.5-05:30", "0044-03-15 12:00:00+00:53:28 BC"],
    ...["1883-11-18 12:03:58-04:56:02", "2024-02-29T12:30:00Z", "2024-02-29 12:30:00 UTC"],
    ...["2024-02-29 12:30:00+15:59:59", "2024-02-29 12:30:00+16", "infinity", "-infinity"],
    ...["12024-02-29 12:30:00+02", "2024-02-29 24:00:00+00", "20240229T123000+0200", "20240229"],
  ],
  "interval": ["1 year 2 mons 3 days 04:05:06", "P1Y2M3DT4H5M6S", "-00:00:01", "@ 1 minute ago"],
  "json": ['{"a": 1e400}', "[NaN]", "null"],
  "jsonb": ['{"a": 1, "a": 2}', '"\\ud83d"', "12"],
  "bytea": ["\\xdeadbeef", "abc\\000", "\\xzz"],
  "inet": ["192.168.0.1/24", "::1", "300.1.1.1"],
  "money": ["$1,234.50", "-$5.00", "12"],
  "int4[]": ["{1,2,NULL}", "{1,2"],
  "int4range": ["[1,10)", "empty", "[2,1]"],
  "point": ["(1,2)", "(1,2"],
  "bit(3)": ["101", "10"],
  "tsvector": ["'a':1 'b'"],
  "xml": ["<a>1</a>"],
};

/** Postgres takes these; without a `format` or `type: text`, ingest doesn't (docs/definition.md). */
const LEFT_TO_FORMATS: Readonly<Record<string, readonly string[]>> = {
  "date": [
    ...[
      "January 8, 1999",
      "1999-Jan-08",
      "08-Jan-1999",
      "1/8/1999",
      "1999.008",
      "J2451187",
      "epoch",
    ],
    ...["2024-1-2", "990108", "2024-02-29 12:30:00", "January 8, 99 BC"],
  ],
  "timestamp": ["1999-01-08 04:05 AM", "Jan 8 1999 04:05:06", "epoch", "2024-02-29 23:59:60"],
  "timestamptz": ["2024-02-29 12:30:00 Europe/Berlin", "2024-02-29 12:30:00 EST", "today"],
  "time": ["04:05 PM", "040506-08", "04:05:06-08:00", "allballs", "now", "23:59:60", "1230"],
  "float8": ["0x10"],
};

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
