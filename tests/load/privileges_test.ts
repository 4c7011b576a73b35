/** A role needs the privileges that its file needs, and no others. */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { answerFailure } from "../../src/http/answers/answer_failure.ts";
import { introspect } from "../../src/load/catalog/introspect.ts";
import { newLoadHistory } from "../../src/load/load_plan.ts";
import { obstacles } from "../../src/load/obstacles.ts";
import { refuseObstacles } from "../../src/run/loadable.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { contents, load, type Loading, planFor, type Value } from "./loading.ts";

const TABLES = `create table parents (id int primary key); insert into parents values (1);
  create table t (k int primary key, p int references parents, v text not null check (v <> 'bad'),
    e text unique, h int);
  insert into t values (100, 1, 'old', 'taken', 1);`;

/** Rows with a fault each, but the first and the last; and the codes of their errors. */
const COLUMNS = ["k", "p", "v", "e", "h"];
const ROWS: readonly (readonly Value[])[] = [
  ["1", "1", "a", "a", "1"],
  ["2", "9", "a", "b", "1"],
  ["3", "1", null, "c", "1"],
  ["4", "1", "bad", "d", "1"],
  ["5", "1", "a", "taken", "1"],
  ["6", "1", "a", "f", "x"],
  ["100", "1", "new", "g", "1"],
  ["8", "1", "a", "h", "1"],
];
const FAULTS = ["foreign_key", "not_null", "check", "duplicate", "type"];

interface Limited extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly role: string;
}

/** A session as a role that has these privileges only; `$role` stands for its name. */
async function limited(tables: string, grants: string): Promise<Limited> {
  const db = await testDatabase();
  const role = `limited_${crypto.randomUUID().slice(0, 8)}`;
  const { database } = db.config;
  await db.session.query(
    `${tables}; create role ${role}; revoke temporary on database ${database} from public;
     ${grants.replaceAll("$role", role).replaceAll("$database", database)}; set role ${role}`,
  );
  return {
    db,
    role,
    [Symbol.asyncDispose]: async () => {
      await db.session.query(`reset role; drop owned by ${role} cascade; drop role ${role}`);
      await db[Symbol.asyncDispose]();
    },
  };
}

const WAYS: readonly (readonly [string, Partial<Loading>])[] = [
  ["at first", {}],
  ["after refusals", { history: { ...newLoadHistory(), refusedInRow: 5 } }],
  ["in levels", { levels: ROWS.map((_, row) => row % 3) }],
];

const GRANTS: readonly (readonly [string, string])[] = [
  ["INSERT alone", "grant insert on t to $role"],
  ["INSERT on the columns of the file", "grant insert (k, p, v, e, h) on t to $role"],
  [
    "INSERT and temporary tables",
    "grant insert on t to $role; grant temporary on database $database to $role",
  ],
  ["INSERT and SELECT", "grant insert, select on t to $role"],
  [
    "all but SELECT on the key",
    "grant insert, select (v, e) on t to $role; grant temporary on database $database to $role",
  ],
];

for (const [name, grants] of GRANTS) {
  Deno.test(`every row has its outcome with ${name}`, async () => {
    await using here = await limited(TABLES, grants);
    const { session } = here.db;
    for (const [way, history] of WAYS) {
      for (const key of [[], ["k"]]) {
        for (
          const onDuplicate of key.length === 0 ? ["fail"] as const : ["skip", "fail"] as const
        ) {
          const { outcomes, errors } = await load(session, {
            columns: COLUMNS,
            rows: ROWS,
            ...history,
            plan: { key, onDuplicate },
          });
          const existing = onDuplicate === "skip" ? "skipped" : "duplicate";
          deepStrictEqual(
            outcomes,
            ["created", ...FAULTS, existing, "created"],
            `${way}, key ${key}, ${onDuplicate}`,
          );
          strictEqual(errors.get(1)?.constraint, "t_p_fkey");
          await session.query("reset role; delete from t where k <> 100");
          await session.query(`set role ${here.role}`);
        }
      }
    }
  });
}

Deno.test("rows that share a key are applied in order even where nothing can be staged", async () => {
  await using here = await limited(TABLES, "grant insert on t to $role");
  const rows: Value[][] = [
    ["1", "1", "bad", "a", null],
    ["1", "1", "first", "b", null],
    ["1", "1", "second", "c", null],
    ["2", "1", "other", "b", null],
  ];
  const { outcomes } = await load(here.db.session, {
    columns: COLUMNS,
    rows,
    levels: [0, 1, 2, 2],
    plan: { key: ["k"], onDuplicate: "skip" },
  });
  deepStrictEqual(outcomes, ["check", "created", "skipped", "duplicate"]);
  await here.db.session.query("reset role");
  deepStrictEqual(await contents(here.db.session), ["(1,1,first,b,)", "(100,1,old,taken,1)"]);
});

Deno.test("an upsert stages its rows in ingest's schema if temporary tables are forbidden", async () => {
  await using here = await limited(
    `${TABLES} create schema ingest`,
    "grant insert, select, update on t to $role; grant usage, create on schema ingest to $role",
  );
  const { outcomes } = await load(here.db.session, {
    columns: COLUMNS,
    rows: ROWS,
    plan: { key: ["k"], onDuplicate: "update" },
  });
  deepStrictEqual(outcomes, ["created", ...FAULTS, "updated", "created"]);
});

Deno.test("a trigger that takes rows is told apart even where nothing can be staged", async () => {
  await using here = await limited(
    `create table t (k int, v text); create table log (k int, v text);
     create function take() returns trigger language plpgsql as $$ begin
       if new.v = 'keep' then return new; end if; insert into log values (new.*); return null; end $$;
     create trigger take before insert on t for each row execute function take()`,
    "grant insert on t, log to $role",
  );
  const { session } = here.db;
  await load(session, {
    columns: ["k", "v"],
    rows: [["1", "keep"], ["2", "take"], ["x", "keep"], ["4", "take"], ["5", "keep"]],
  });
  await session.query("reset role");
  deepStrictEqual(await contents(session), ["(1,keep)", "(5,keep)"]);
  deepStrictEqual(await contents(session, "log"), ["(2,take)", "(4,take)"]);
});

const UPSERT = { key: ["k"], onDuplicate: "update" } as const;

/** What the plan needs and the role lacks. */
const OBSTACLES: readonly {
  readonly name: string;
  readonly tables?: string;
  readonly grants: string;
  readonly plan?: Loading["plan"];
  readonly columns?: readonly string[];
  readonly says: readonly RegExp[];
}[] = [
  { name: "INSERT", grants: "", says: [/may not insert into public\.t; grant insert on "public"/] },
  {
    name: "INSERT on some columns",
    grants: "grant insert (k, v) on t to $role",
    says: [/may not insert into p, e, h of public\.t; grant insert \("p", "e", "h"\) on/],
  },
  {
    name: "all that an upsert needs",
    grants: "grant insert on t to $role",
    plan: UPSERT,
    says: [
      /may not read public\.t; grant select on/,
      /may not update public\.t; grant update on/,
      /With on_duplicate: update, rows are staged .* grant temporary on database/,
    ],
  },
  {
    name: "nothing: an upsert that inserts no row",
    grants: "grant select, update on t to $role; grant temporary on database $database to $role",
    plan: { ...UPSERT, onMissing: "skip" },
    says: [],
  },
  {
    name: "UPDATE on a column, SELECT on another",
    grants: `grant insert, select (k, p, v, e), update (p, v, h) on t to $role;
      grant temporary on database $database to $role`,
    plan: UPSERT,
    says: [/may not read h of/, /may not update e of/],
  },
  {
    name: "a stage, with row-level security",
    tables: `${TABLES} alter table t enable row level security; create policy p on t using (true)`,
    grants: "grant all on t to $role",
    says: [/As the table has row-level security, rows are staged/],
  },
  {
    name: "SELECT, with a key that no index enforces",
    grants: "grant insert on t to $role; grant temporary on database $database to $role",
    plan: { key: ["h"] },
    says: [/may not read public\.t/],
  },
  {
    name: "a type in tables of its own",
    tables: `create type mood as enum ('sad'); revoke usage on type mood from public;
      create table t (k int primary key, v mood)`,
    grants:
      "grant insert, select, update on t to $role; grant temporary on database $database to $role",
    columns: ["k", "v"],
    plan: UPSERT,
    says: [/staged in a table with the types mood, which the role .* grant usage on type mood to/],
  },
  {
    name: "the sequence of a default",
    tables:
      "create table t (id serial, n int default nextval('t_id_seq'), k int, i int generated by default as identity)",
    grants: "grant insert on t to $role",
    columns: ["k", "n"],
    says: [/may not use the sequence public\.t_id_seq, from which id gets its values; grant usage/],
  },
];

for (const { name, tables = TABLES, grants, plan, columns = COLUMNS, says } of OBSTACLES) {
  Deno.test(`before a run it is said that the role lacks ${name}`, async () => {
    await using here = await limited(tables, grants);
    const found = obstacles(
      planFor(await introspect(here.db.session, "t", "ingest"), columns, plan),
    );
    strictEqual(found.length, says.length, found.join("\n"));
    for (const [index, sentence] of says.entries()) match(found[index], sentence);
  });
}

Deno.test("refused rows are found even if the role may not use a column's type in a stage", async () => {
  await using here = await limited(
    `create type mood as enum ('sad'); revoke usage on type mood from public;
     create table t (k int primary key, v mood, c int check (c < 9))`,
    "grant insert, select on t to $role; grant temporary on database $database to $role",
  );
  for (const key of [[], ["k"]]) {
    const { outcomes } = await load(here.db.session, {
      columns: ["k", "v", "c"],
      rows: [["1", "sad", "1"], ["2", "odd", "1"], ["3", "sad", "9"], ["4", null, "1"]],
      plan: { key },
    });
    const good = key.length === 0 ? "created" : "skipped";
    deepStrictEqual(outcomes, [good, "type", "check", good]);
  }
});

Deno.test("a schema that the role may not use is named", async () => {
  await using here = await limited("create schema crm; create table crm.t (k int)", "");
  await rejects(introspect(here.db.session, "crm.t", "ingest"), {
    name: "TargetError",
    message: /may not use the schema of crm\.t .* grant usage/,
  });
});

Deno.test("clients of the API learn what is missing, but no SQL", async () => {
  await using here = await limited(TABLES, "");
  const table = await introspect(here.db.session, "t", "ingest");
  const plan = {
    ...{ table, columns: ["k"], key: [], onDuplicate: "skip", onMissing: "insert" } as const,
    ...{ compare: null, onlyCompared: [], kept: [], keyPredicate: null, keysMayRepeat: false },
  };
  let thrown: unknown = null;
  try {
    refuseObstacles(plan);
  } catch (error) {
    thrown = error;
  }
  const { status, body } = answerFailure(thrown, "");
  deepStrictEqual([status, body], [422, {
    code: "target",
    message: `The role ${here.role} may not insert into public.t.`,
  }]);
});
