import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Session } from "../../src/db/session.ts";
import { testDatabase } from "../support/database.ts";
import { countStatements } from "./count_statements.ts";
import { contents, load, type Loading } from "./loading.ts";

/** The last version whose MERGE can't return what it did. */
const POSTGRES_16 = 160_000;
const POSTGRES_17 = 170_000;

function pretend(session: Session, serverVersion: number): void {
  Object.defineProperty(session, "serverVersion", { value: serverVersion, configurable: true });
}

/** What the server can do, and what an older one can. */
function versionsOf({ serverVersion }: Session): readonly number[] {
  return serverVersion < POSTGRES_17 ? [serverVersion] : [serverVersion, POSTGRES_16];
}

async function fresh(session: Session, rows: readonly string[]): Promise<void> {
  await session.query("drop table if exists t; create table t (k text unique, v text, n int)");
  for (const row of rows) await session.query(`insert into t values (${row})`);
}

const UPSERT: Loading = {
  columns: ["k", "v"],
  rows: [["a", "1"], ["b", "2"], ["c", "3"], ["d", null]],
  plan: { key: ["k"], onDuplicate: "update" },
};

Deno.test("rows are created, updated and left alone by one statement, from Postgres 17 on", async () => {
  await using db = await testDatabase();
  if (db.session.serverVersion < POSTGRES_17) return;
  await fresh(db.session, ["'a', '1', 7", "'b', 'x', 8"]);
  const counts = countStatements(db.session);
  await load(db.session, { ...UPSERT, rows: [] });
  const introspecting = counts.get("with") ?? 0;
  counts.clear();
  const { outcomes } = await load(db.session, UPSERT);
  deepStrictEqual(outcomes, ["skipped", "updated", "created", "created"]);
  deepStrictEqual(await contents(db.session), ["(a,1,7)", "(b,2,8)", "(c,3,)", "(d,,)"]);
  // Only the MERGE itself: no further statement to find out what it did.
  strictEqual(counts.get("with"), introspecting + 1);
});

Deno.test("an older server gets UPDATE and INSERT, with the same outcomes", async () => {
  await using db = await testDatabase();
  if (db.session.serverVersion < POSTGRES_17) return;
  const versions = versionsOf(db.session);
  const key = fc.constantFrom("a", "b", "c", "d", "e", "f");
  const value = fc.option(fc.constantFrom("1", "2", "too long"), { nil: null });
  const rows = fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      rows,
      rows,
      fc.constantFrom("update", "skip", "fail" as const),
      fc.constantFrom("insert", "skip", "fail" as const),
      async (before, given, onDuplicate, onMissing) => {
        const seen = [];
        for (const version of versions) {
          pretend(db.session, version);
          await fresh(
            db.session,
            before.map(([k, v]) => `'${k}', ${v === null ? "null" : `'${v}'`}, 1`),
          );
          await db.session.query("alter table t add check (length(v) < 5) not valid");
          const loading = {
            columns: ["k", "v"],
            rows: given,
            plan: { key: ["k"], onDuplicate, onMissing },
          } as Loading;
          const { outcomes, errors } = await load(db.session, loading);
          seen.push({ outcomes, errors: [...errors], table: await contents(db.session) });
        }
        deepStrictEqual(seen[0], seen[1]);
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

Deno.test("a table with rules is updated without MERGE, which doesn't support them", async () => {
  await using db = await testDatabase();
  await fresh(db.session, ["'a', '1', 7"]);
  await db.session.query("create rule quiet as on delete to t do instead nothing");
  const { outcomes } = await load(db.session, { ...UPSERT, rows: [["a", "2"], ["b", "1"]] });
  deepStrictEqual(outcomes, ["updated", "created"]);
});

Deno.test("a key that is in the table twice updates both rows, and counts once", async () => {
  await using db = await testDatabase();
  await fresh(db.session, []);
  await db.session.query("alter table t drop constraint t_k_key");
  await db.session.query("insert into t values ('a', 'x', 1), ('a', 'y', 2)");
  const { outcomes } = await load(db.session, { ...UPSERT, rows: [["a", "1"], ["b", "2"]] });
  deepStrictEqual(outcomes, ["updated", "created"]);
  deepStrictEqual(await contents(db.session), ["(a,1,1)", "(a,1,2)", "(b,2,)"]);
});

Deno.test("a row that has updated another is not inserted, too, even if it no longer finds it", async () => {
  await using db = await testDatabase();
  const loading: Loading = {
    columns: ["k", "v"],
    rows: [["a", "gone"], ["b", "1"]],
    plan: { key: ["k"], onDuplicate: "update", keyPredicate: "v <> 'gone'" },
  };
  const trigger = (when: string, does: string) =>
    `create or replace function f() returns trigger language plpgsql as
       $$begin ${does}; return new; end$$;
     create trigger f ${when} update on t for each row execute function f()`;
  const cases: readonly (readonly [more: string, after: readonly string[]])[] = [
    ["select", ["(a,gone,7)", "(b,1,)"]],
    [trigger("before", "new.k := 'moved'"), ["(b,1,)", "(moved,gone,7)"]],
    [trigger("after", "delete from t where k = new.k"), ["(b,1,)"]],
  ];
  for (const version of versionsOf(db.session)) {
    pretend(db.session, version);
    for (const onMissing of ["insert", "fail"] as const) {
      for (const [more, after] of cases) {
        await fresh(db.session, ["'a', 'live', 7"]);
        await db.session.query(
          `alter table t drop constraint t_k_key;
           create unique index on t (k) where v <> 'gone'; ${more}`,
        );
        const { outcomes } = await load(db.session, {
          ...loading,
          plan: { ...loading.plan, onMissing },
        });
        const created = onMissing === "insert";
        deepStrictEqual(outcomes, ["updated", created ? "created" : "lookup"], more);
        const rest = after.filter((row) => created || row !== "(b,1,)");
        deepStrictEqual(await contents(db.session), rest, more);
      }
    }
  }
});
