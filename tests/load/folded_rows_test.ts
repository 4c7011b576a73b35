/**
 * Rows that share a key are applied at once where that gives the same (`src/load/merge/foldable.ts`).
 * They are compared with the same rows applied one by one: to a table with a trigger that does nothing.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../src/db/session.ts";
import { LevelAssigner } from "../../src/keys/levels.ts";
import { testDatabase } from "../support/database.ts";
import { countStatements } from "./count_statements.ts";
import { contents, load, type Loaded, type Value } from "./loading.ts";

/** `FOLDED_RUNS=1000` runs more cases. */
const RUNS = Number(Deno.env.get("FOLDED_RUNS") ?? 40);

const CODE_AND_PARENTS = `
  create function nothing() returns trigger language plpgsql as $$ begin return null; end $$;
  create table refs (id int primary key);
  insert into refs values (1), (2)`;

type Row = readonly Value[];

interface Made {
  readonly key: string;
  /** Of the table. */
  readonly constraints: string;
  readonly before: readonly Row[];
}

async function createTable(session: Session, made: Made, oneByOne: boolean): Promise<void> {
  await session.query(
    `drop table if exists t;
     create table t (k ${made.key} primary key, v int, w text, r int, was text default 'x'
       ${made.constraints});
     ${oneByOne ? "create trigger nothing after insert on t execute function nothing()" : ""}`,
  );
  for (const row of made.before) {
    await session.execute("insert into t (k, v, w, r, was) values ($1, $2, $3, $4, 'old')", row);
  }
}

/** `isUnique`: the third value is a key, too. */
function levelsOf(rows: readonly Row[], same: (key: string) => string, isUnique = false): number[] {
  const assigner = new LevelAssigner();
  return rows.map(([key, , w], row) => {
    const keys = [
      ...key === null ? [] : [`k ${same(key)}`],
      ...isUnique && w !== null ? [`w ${w}`] : [],
    ];
    return assigner.assign(row, keys, false);
  });
}

const KEYS: Readonly<Record<string, { keys: readonly string[]; same: (key: string) => string }>> = {
  int: { keys: ["1", "2", "3"], same: (key) => key },
  numeric: { keys: ["1", "1.0", "2", "2.00", "3"], same: (key) => String(Number(key)) },
  citext: { keys: ["a", "A", "b", "B", "c"], same: (key) => key.toLowerCase() },
};

const CONSTRAINTS = [
  "",
  ", constraint lucky check (v <> 13)",
  ", constraint lucky check (v <> 13 and w <> 'bad'), foreign key (r) references refs",
  ", foreign key (r) references refs deferrable initially deferred, constraint positive check (r > 0)",
  ", constraint divides check (10 / v > 0)",
  ", constraint whole check (t is not null)",
  ", unique (w)",
  ", unique (w, k), constraint lucky check (v <> 13)",
];

function anyRow(keys: readonly string[]): fc.Arbitrary<Row> {
  return fc.tuple(
    fc.option(fc.constantFrom(...keys), { nil: null, freq: 20 }),
    fc.constantFrom("1", "1", "2", "3", "13", "0", null),
    fc.constantFrom("a", "b", "bad", null),
    fc.constantFrom("1", "2", "9", null),
  );
}

const anyCase = fc.constantFrom("int", "numeric", "citext").chain((key) =>
  fc.record({
    key: fc.constant(key),
    constraints: fc.constantFrom(...CONSTRAINTS),
    before: fc.uniqueArray(
      fc.tuple(
        fc.constantFrom(...KEYS[key].keys),
        fc.constantFrom("1", "2"),
        fc.constantFrom("a", "b", "c"),
        fc.constant("1"),
      ),
      {
        comparator: ([k, , w], [k2, , w2]) => KEYS[key].same(k) === KEYS[key].same(k2) || w === w2,
        maxLength: 3,
      },
    ),
    rows: fc.array(anyRow(KEYS[key].keys), { minLength: 2, maxLength: 40, size: "max" }),
    onMissing: fc.constantFrom("insert", "insert", "skip", "fail" as const),
  })
);

function told({ outcomes, errors }: Loaded): unknown {
  return { outcomes, errors: [...errors].sort(([a], [b]) => a - b) };
}

Deno.test("rows that share keys are applied as if one by one, and each has its own outcome", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(`create extension citext; ${CODE_AND_PARENTS}`);
  await fc.assert(
    fc.asyncProperty(anyCase, async ({ rows, onMissing, ...made }) => {
      const loadInto = async (oneByOne: boolean) => {
        await createTable(session, made, oneByOne);
        const loaded = await load(session, {
          columns: ["k", "v", "w", "r"],
          rows,
          levels: levelsOf(rows, KEYS[made.key].same, made.constraints.includes("unique (w)")),
          plan: { key: ["k"], onDuplicate: "update", onMissing },
        });
        return { ...told(loaded) as object, table: await contents(session) };
      };
      assert.deepEqual(await loadInto(false), await loadInto(true));
    }),
    { numRuns: RUNS, seed: 20240229 },
  );
});

const PLAIN: Made = { key: "int", constraints: "", before: [] };

async function loadRepeated(
  session: Session,
  rows: readonly Row[],
  isUnique = false,
): Promise<Loaded> {
  return await load(session, {
    columns: ["k", "v", "w", "r"],
    rows,
    levels: levelsOf(rows, (key) => key, isUnique),
    plan: { key: ["k"], onDuplicate: "update" },
  });
}

Deno.test("a key that a file has a thousand times takes few statements, also if rows of it fail", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(CODE_AND_PARENTS);
  await createTable(session, { ...PLAIN, constraints: ", check (v % 3 <> 1)" }, false);
  const rows = Array.from({ length: 1000 }, (_, n): Row => ["1", String(n), "a", null]);
  const counts = countStatements(session);
  const { outcomes } = await loadRepeated(session, rows);
  assert.equal(outcomes.filter((outcome) => outcome === "check").length, 333);
  assert.equal(outcomes.filter((outcome) => outcome === "updated").length, 666);
  assert.deepEqual(await contents(session), ["(1,999,a,,x)"]);
  const messages = [...counts.values()].reduce((sum, count) => sum + count);
  assert.ok(messages < 60, `${messages} messages`);
});

Deno.test("and so does one whose rows have a value that must be unique", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(CODE_AND_PARENTS);
  await createTable(session, { ...PLAIN, constraints: ", unique (w)" }, false);
  const rows = Array.from(
    { length: 1000 },
    (_, n): Row => [String(n % 7), String(n), n < 900 ? `w${n % 7}` : `x${n % 7}`, null],
  );
  const counts = countStatements(session);
  const { outcomes } = await loadRepeated(session, rows, true);
  assert.deepEqual(outcomes, rows.map((_, n) => n < 7 ? "created" : "updated"));
  assert.equal((await contents(session))[6], "(6,993,x6,,x)");
  const messages = [...counts.values()].reduce((sum, count) => sum + count);
  assert.ok(messages < 200, `${messages} messages`);
});

Deno.test("a row that ends as it was belongs to the run nevertheless", async () => {
  await using db = await testDatabase();
  const { session } = db;
  await session.query(CODE_AND_PARENTS);
  await createTable(session, { ...PLAIN, before: [["1", "1", "a", null]] }, false);
  const versionOf = async () =>
    (await session.query<{ xmin: string }>("select xmin::text from t"))[0].xmin;
  const before = await versionOf();
  const { outcomes } = await loadRepeated(session, [
    ["1", "1", "a", null],
    ["1", "2", "a", null],
    ["1", "2", "a", null],
    ["1", "1", "a", null],
  ]);
  assert.deepEqual(outcomes, ["skipped", "updated", "skipped", "updated"]);
  assert.deepEqual(await contents(session), ["(1,1,a,,old)"]);
  assert.notEqual(await versionOf(), before);
});

const alternately = (n: number): Row => ["1", String(n + 1), n % 2 === 0 ? "a" : "c", null];

/** What may refuse a row in the middle, although no rule that we know says so. */
const ODD: Readonly<
  Record<string, { ddl: string; middle: Row; good?: (n: number) => Row }>
> = {
  "an index on an expression": {
    ddl: "create index on t ((10 / v))",
    middle: ["1", "0", "a", null],
  },
  "an index with a condition": {
    ddl: "create index on t (w) where 10 / v > 1",
    middle: ["1", "0", "a", null],
  },
  "an index that holds no long value": {
    ddl: "alter table t alter w set storage external; create index on t (w)",
    middle: ["1", "2", "ab".repeat(5000).replaceAll("a", () => crypto.randomUUID()), null],
  },
  "a generated column": {
    ddl: "alter table t add g int generated always as (10 / v) stored",
    middle: ["1", "0", "a", null],
  },
  "a value that must be unique": {
    ddl: "insert into t values (9, 1, 'taken', null); alter table t add unique (w)",
    middle: ["1", "1", "taken", null],
    good: (n) => ["1", String(n), "mine", null],
  },
  "a value that others refer to": {
    ddl: `create unique index u on t (v); insert into t values (1, 5, 'a', null);
      create table children (v int references t (v)); insert into children values (5)`,
    middle: ["1", "6", "b", null],
    good: (n) => ["1", "5", String(n), null],
  },
  "a foreign key that is followed in full": {
    ddl: `create table pairs (a int, b text, primary key (a, b));
      alter table t add foreign key (v, w) references pairs match full;
      insert into pairs values (1, 'a'), (2, 'c'), (3, 'a'), (4, 'c')`,
    middle: ["1", "1", null, null],
  },
  "a partition": {
    ddl: `create table all_of_it (k int, v int, w text, r int, was text) partition by list (w);
      alter table all_of_it attach partition t for values in ('a', 'c')`,
    middle: ["1", "2", "b", null],
  },
};

for (const [what, { ddl, middle, good = alternately }] of Object.entries(ODD)) {
  Deno.test(`${what} refuses a row between two others of the same key`, async () => {
    await using db = await testDatabase();
    const { session } = db;
    await createTable(session, PLAIN, false);
    await session.query(ddl);
    // The last two rows of a key are always written.
    const { outcomes, errors } = await loadRepeated(session, [
      good(0),
      middle,
      ...[1, 2, 3].map(good),
    ]);
    assert.equal(errors.size, 1, String(outcomes));
    assert.ok(errors.has(1), String(outcomes));
    assert.equal(outcomes.at(-1), "updated");
  });
}
