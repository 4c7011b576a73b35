/** Look-ups that add what is missing (`create: true`). */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { until } from "../support/until.ts";
import { count, workshop } from "./importing.ts";

const TABLES = `
  create table companies (id int generated always as identity primary key, name text unique);
  insert into companies (name) values ('Acme');
  create table people (name text, age int, company_id int references companies);`;

const DEFINITION = `
table: people
columns:
  name: Name
  age: Age
  company_id: { from: Company, lookup: { table: companies, match: name, create: true } }
`;

function added(run: Run): unknown {
  return run.summary?.added;
}

async function companies(session: Session): Promise<readonly string[]> {
  return (await session.query<{ name: string }>("select name from companies order by 1"))
    .map(({ name }) => name);
}

/** The people with the companies that they got. */
async function people(session: Session): Promise<readonly string[]> {
  return (await session.query<{ row: string }>(
    `select p.name || ': ' || coalesce(c.name, '-') as row
     from people p left join companies c on c.id = p.company_id order by 1`,
  )).map(({ row }) => row);
}

const FILE = "Name,Age,Company\nAnn,3,Acme\nBob,4,Bolt\nCid,old,Crux\nDan,5,Bolt\nEve,6,\n";

Deno.test("what is missing is added once, for good rows only, and the run counts it; a dry run says the same", async () => {
  await using shop = await workshop(TABLES);
  for (const rows of [1, 50_000]) {
    const dry = await shop.drive(
      await shop.create(`${DEFINITION}options: { batch_rows: ${rows} }\n`, FILE, { dryRun: true }),
    );
    assert.deepEqual([dry.status, added(dry)], ["completed_with_errors", { companies: 1 }]);
    assert.deepEqual(await companies(shop.session), ["Acme"]);
  }
  const run = await shop.drive(await shop.create(DEFINITION, FILE));
  assert.deepEqual(added(run), { companies: 1 });
  assert.deepEqual(await companies(shop.session), ["Acme", "Bolt"]);
  assert.deepEqual(await people(shop.session), ["Ann: Acme", "Bob: Bolt", "Dan: Bolt", "Eve: -"]);
});

Deno.test("what equals a value that is there, or one before it, is not added again", async () => {
  await using shop = await workshop(`
    create extension citext;
    ${TABLES.replace("name text unique", "name citext unique")}`);
  const run = await shop.drive(
    await shop.create(DEFINITION, "Name,Age,Company\na,1,ACME\nb,1,bolt\nc,1,BOLT\nd,1,Bolt\n"),
  );
  assert.deepEqual(added(run), { companies: 1 });
  assert.deepEqual(await people(shop.session), ["a: Acme", "b: bolt", "c: bolt", "d: bolt"]);
});

Deno.test("a value that the table refuses fails its rows, and says why; the others are added", async () => {
  await using shop = await workshop(
    TABLES.replace("name text unique", "name varchar(5) unique check (name <> 'Nope')") + `
    create function shout() returns trigger language plpgsql as $$ begin
      if new.name like 's%' then new.name := upper(new.name); end if; return new; end $$;
    create trigger shout before insert on companies for each row execute function shout();`,
  );
  const run = await shop.drive(
    await shop.create(
      DEFINITION,
      "Name,Age,Company\na,1,Bolt\nb,1,Nope\nc,1,Crux\nd,1,much too long\ne,1,small\nf,1,Nope\n",
    ),
  );
  assert.deepEqual(added(run), { companies: 2 });
  assert.deepEqual(await companies(shop.session), ["Acme", "Bolt", "Crux"]);
  const failed = await shop.session.query<{ row: number; code: string; hint: string }>(
    `select row_number::int as row, errors #>> '{details,0,code}' as code,
       errors #>> '{details,0,hint}' as hint
     from ingest.rows where run_id = $1 and status = 'failed' order by 1`,
    [run.id],
  );
  assert.deepEqual(failed.map(({ row, code }) => [row, code]), [
    [2, "lookup"],
    [4, "max_length"],
    [5, "lookup"],
    [6, "lookup"],
  ]);
  assert.match(failed[0].hint, /^It can't be added to companies: .*companies_name_check/u);
  assert.equal(
    failed[2].hint,
    "It can't be added to companies: afterwards it can't be found, because a trigger changes it or a policy hides it.",
  );
});

Deno.test("rows can be added only where nothing can be added twice, and where a name is enough", async () => {
  const wrong: readonly (readonly [string, string])[] = [
    [
      TABLES.replace("name text unique", "name text"),
      "needs a unique index, or two batches could add the same row: " +
      "create unique index on public.companies (name)",
    ],
    [
      TABLES.replace("name text unique", "name text unique, country text not null"),
      "can't add rows to companies: country is NOT NULL without a default",
    ],
    [
      TABLES.replace("name text unique", "name text unique deferrable"),
      "needs a unique index",
    ],
  ];
  for (const [tables, message] of wrong) {
    await using shop = await workshop(tables.replace(/insert into[^;]*;/u, ""));
    await assert.rejects(shop.create(DEFINITION, FILE), (error: Error) => {
      assert.ok(error.message.includes(`lookup.create: ${message}`), error.message);
      return true;
    });
  }
  await using shop = await workshop(TABLES);
  const where = DEFINITION.replace("create: true", "create: true, where: id > 1");
  await assert.rejects(shop.create(where, FILE), /can't be combined with `where`/);
});

Deno.test("a run that is loaded as a whole leaves nothing of what it has added if a row fails", async () => {
  await using shop = await workshop(TABLES);
  const whole = `${DEFINITION}options: { transaction: run }\n`;
  const failed = await shop.drive(await shop.create(whole, FILE));
  assert.deepEqual([failed.status, added(failed)], ["failed", undefined]);
  assert.deepEqual(await companies(shop.session), ["Acme"]);
  const good = await shop.drive(await shop.create(whole, FILE.replace("old", "7")));
  assert.deepEqual([good.status, added(good)], ["completed", { companies: 2 }]);
  assert.deepEqual(await companies(shop.session), ["Acme", "Bolt", "Crux"]);
});

Deno.test("a value that somebody else is adding is waited for: their row is taken, or it is added if they give up", async () => {
  for (const end of ["commit", "rollback"]) {
    await using shop = await workshop(TABLES);
    await using other = await Session.open(shop.database.config);
    await other.query("begin; insert into companies (name) values ('Bolt')");
    const run = await shop.create(DEFINITION, "Name,Age,Company\nBob,4,Bolt\n");
    const driven = shop.drive(run, 1);
    await until(
      shop.session,
      "exists (select from pg_stat_activity where wait_event_type = 'Lock' and query like 'insert%')",
    );
    await other.query(end);
    const ended = await driven;
    assert.deepEqual(
      [ended.status, added(ended)],
      ["completed", end === "commit" ? undefined : { companies: 1 }],
    );
    assert.deepEqual(await companies(shop.session), ["Acme", "Bolt"]);
    assert.deepEqual(await people(shop.session), ["Bob: Bolt"]);
  }
});

Deno.test("workers that add the same values, and whose connections are cut, add each once and count it", async () => {
  await using shop = await workshop(TABLES);
  const names = Array.from({ length: 600 }, (_, n) => `Co ${(n * 7919) % 90}`);
  const file = `Name,Age,Company\n${names.map((name, n) => `p${n},1,${name}\n`).join("")}`;
  const run = await shop.create(`${DEFINITION}options: { batch_rows: 10 }\n`, file);
  const driven = shop.drive(run, 3);
  for (const done of [1, 9, 25, 40]) {
    await until(
      shop.session,
      `(select count(*) >= ${done} from ingest.batches where status = 'completed')`,
    );
    await shop.database.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = $1 and pid <> $2`,
      [shop.database.config.database, shop.session.backendPid],
    );
  }
  const ended = await driven;
  assert.deepEqual([ended.status, added(ended)], ["completed", { companies: 90 }]);
  assert.equal(await count(shop.session, "companies"), 91);
  const expected = names.map((name, n) => `p${n}: ${name}`).sort();
  assert.deepEqual((await people(shop.session)).toSorted(), expected);
});
