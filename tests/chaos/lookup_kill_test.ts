/**
 * Two processes add the same values to a look-up table at once, and are killed: each value is there once,
 * each row has the right one, and the runs have counted what they added.
 */
import assert from "node:assert/strict";
import { ingest, startIngest } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";
import { untilHeldUp } from "./until_held_up.ts";

const ROWS = 12_000, COMPANIES = 700;

const DEFINITION = `table: people
key: id
columns:
  id: id
  company_id: { from: company, lookup: { table: companies, match: name, create: true } }
options: { batch_rows: 1000 }
`;

for (const transaction of ["batch", "atomic"]) {
  Deno.test(`two processes that add to one look-up table and are killed add each value once (${transaction})`, async () => {
    await using database = await testDatabase();
    const { session } = database;
    // Some values, and some rows, are held up while somebody holds the lock.
    await session.query(
      `create table companies (id int generated always as identity primary key, name text unique);
       create table people (id int primary key, company_id int not null references companies);
       create function hold() returns trigger language plpgsql as $$ begin
         perform pg_advisory_xact_lock_shared(7); return new; end $$;
       create trigger hold before insert on companies for each row
         when (new.name like '%97') execute function hold();
       create trigger hold before insert on people for each row
         when (new.id % 1999 = 0) execute function hold()`,
    );
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${folder}/importers`);
      const definition = DEFINITION.replace("{ batch", `{ transaction: ${transaction}, batch`);
      await Deno.writeTextFile(`${folder}/importers/people.yaml`, definition);
      // The second file has them in the opposite order: so they wait for each other.
      await Deno.writeTextFile(`${folder}/1.csv`, fileOf(0, (i) => i % COMPANIES));
      await Deno.writeTextFile(
        `${folder}/2.csv`,
        fileOf(ROWS, (i) => COMPANIES - 1 - i % COMPANIES),
      );
      const options = { database, cwd: folder, env: { INGEST_HOME: `${folder}/home` } };
      for (const file of ["1.csv", "2.csv"]) {
        const made = await ingest(["run", "people", "--file", file, "--detach"], options);
        assert.equal(made.code, 0, made.stderr);
      }
      const begin = (run: number) =>
        startIngest(["resume", String(run), "--workers", "2"], options);
      await session.query("select pg_advisory_lock(7)");
      const first = begin(1);
      await untilHeldUp(database, first);
      const programs = new Map([[1, first], [2, begin(2)]]);
      for (let kills = 0; kills < 4; kills++) {
        const run = 1 + kills % 2;
        const program = programs.get(run)!;
        await untilHeldUp(database, program);
        program.kill("SIGKILL");
        await program.ended;
        await session.query("select pg_advisory_unlock(7)");
        programs.set(run, begin(run));
        await session.query("select pg_advisory_lock(7)");
      }
      await session.query("select pg_advisory_unlock(7)");
      for (const program of programs.values()) await program.ended;
      // One that was resumed when it had ended already said so.
      for (const run of [1, 2]) {
        const verified = await ingest(["verify", String(run)], options);
        assert.equal(verified.code, 0, verified.stdout + verified.stderr);
      }
      const [found] = await session.query<{ wrong: number; people: number; companies: number }>(
        `select count(*) as people, (select count(*) from companies) as companies,
           count(*) filter (where c.name <> 'c' || case when p.id < ${ROWS} then p.id % ${COMPANIES}
             else ${COMPANIES - 1} - (p.id - ${ROWS}) % ${COMPANIES} end) as wrong
         from people p join companies c on c.id = p.company_id`,
      );
      assert.deepEqual({ ...found }, { people: 2 * ROWS, companies: COMPANIES, wrong: 0 });
      const [counted] = await session.query<{ created: number; failed: number; added: number }>(
        `select sum(created)::int as created, sum(failed)::int as failed,
           (select sum((summary -> 'added' ->> 'companies')::int) from ingest.runs)::int as added
         from ingest.run_progress`,
      );
      assert.deepEqual({ ...counted }, { created: 2 * ROWS, failed: 0, added: COMPANIES });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function fileOf(from: number, company: (i: number) => number): string {
  let text = "id,company\n";
  for (let i = 0; i < ROWS; i++) text += `${from + i},c${company(i)}\n`;
  return text;
}
