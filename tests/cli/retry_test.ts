import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { runReportSchema } from "../../src/report/report_schema.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { CUSTOMERS_TABLE, temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";
import { type Ended, ingest, startIngest } from "./start_program.ts";

const DEFINITION = "table: customers\nkey: [email]\non_duplicate: update\n";
/** Rows 2 and 3 fail. */
const FILE = "email,name,age\na@x.de,A,1\nb@x.de,B,x\nc@x.de,C,-1\nd@x.de,D,4\n";
const MENDED = `${DEFINITION}columns:
  email: email
  name: name
  age: { from: age, map: { x: "9" }, default: "0" }
`;

interface Desk extends AsyncDisposable {
  readonly db: TestDatabase;
  readonly folder: string;
  /** In this process, which is quick; `@/` is the folder. */
  say(line: string): Promise<Ended>;
  /** Replaces the definition in the importers folder; null: removes it. */
  define(definition: string | null): Promise<void>;
}

async function desk(): Promise<Desk> {
  const db = await testDatabase();
  const dir = await temporaryFolder();
  const folder = dir.path;
  await db.session.execute(CUSTOMERS_TABLE);
  await Deno.writeTextFile(`${folder}/data.csv`, FILE);
  await Deno.writeTextFile(`${folder}/customers.yaml`, DEFINITION);
  return {
    db,
    folder,
    async say(line) {
      const { output, stdout, stderr } = memoryOutput();
      const args = line.replaceAll("@/", `${folder}/`).split(" ");
      const code = await runCommandLine([...args, "--database-url", db.url], output);
      return { code, stdout: stdout.text, stderr: stderr.text };
    },
    async define(definition) {
      const file = `${folder}/customers.yaml`;
      if (definition === null) await Deno.remove(file);
      else await Deno.writeTextFile(file, definition);
    },
    async [Symbol.asyncDispose]() {
      await dir[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

const RUN = "run customers --file @/data.csv --importers @/ --workers 1 -q";
const RETRY = "retry 1 --importers @/ --workers 1";

Deno.test("retry uses the current definition, exits as a run does, and says what is left", async () => {
  await using at = await desk();
  assert.equal((await at.say(RUN)).code, 3);
  const again = await at.say(`${RETRY} --original-definition`);
  assert.equal(again.code, 3, again.stderr);
  assert.match(again.stderr, /^Run 2: failed rows of run 1 → table customers/m);
  await at.define(MENDED.replace(`, default: "0"`, ""));
  assert.equal((await at.say(RETRY)).code, 3);
  const part = await at.say("status 1");
  assert.match(
    part.stdout,
    /^After retries, 3 of 4 rows are loaded, 1 still fails\. See why: ingest errors 1$/m,
  );
  assert.match(part.stdout, /^Try them again: ingest retry 1$/m);
  await at.define(MENDED);
  const done = await at.say(RETRY);
  assert.equal(done.code, 0, done.stderr);
  assert.match((await at.say("status 1")).stdout, /^After retries, all 4 rows are loaded\.$/m);
  const report = runReportSchema.parse(JSON.parse((await at.say("status 1 --json")).stdout).data);
  assert.deepEqual([report.progress.failed, report.progress.unresolved], [2, 0]);
});

Deno.test("with nothing to retry it warns and exits 0; --json is one document", async () => {
  await using at = await desk();
  await at.say(RUN);
  await at.define(MENDED);
  const first = await at.say(`${RETRY} --json`);
  const { data } = JSON.parse(first.stdout);
  runReportSchema.parse(data);
  assert.deepEqual([data.id, data.parent_id, data.retried_from_run_id], [2, 1, 1]);
  // Not even the definition is needed for that.
  await at.define(null);
  const nothing = await at.say(RETRY);
  assert.deepEqual([nothing.code, nothing.stdout], [0, ""]);
  assert.match(nothing.stderr, /^ingest: Nothing is left to retry: .*\n$/);
  const well = await at.say("retry 2 --json");
  assert.equal(well.code, 0);
  assert.deepEqual(JSON.parse(well.stdout), {
    data: null,
    message: "Run 2 has no failed rows to retry.",
  });
});

Deno.test("what can't be retried is refused in one line, with the right code, and no run exists", async () => {
  await using at = await desk();
  await at.say(RUN);
  await at.define(null);
  const wrong: readonly (readonly [string, number, RegExp])[] = [
    ["retry 99", 5, /There is no run 99/],
    ["retry one", 2, /Expected the number of a run/],
    ["retry", 2, /missing required argument/],
    [
      RETRY,
      5,
      /"customers".*; or use the definition that run 1 had: ingest retry 1 --original-definition$/m,
    ],
    [`${RETRY} --original-definition --max-errors many`, 2, /--max-errors: expected/],
    [`${RETRY} --original-definition --file @/nothing.csv`, 1, /there is no such file/],
    [
      `${RETRY} --original-definition --file @/data.csv`,
      1,
      /has no column "_row_number", "_run_id"/,
    ],
  ];
  for (const [line, code, expected] of wrong) {
    const ended = await at.say(line);
    assert.equal(ended.code, code, `${line}: ${ended.stderr}`);
    assert.match(ended.stderr, expected);
    assert.match(ended.stderr, /^ingest: [^\n]+\n$/);
    assert.equal(ended.stdout, "");
  }
  assert.equal(JSON.parse((await at.say("runs --json")).stdout).data.length, 1);
});

Deno.test("the retry of a dry run is a dry run, unless --no-dry-run; an ad hoc run needs no definition", async () => {
  await using at = await desk();
  const names = async () =>
    (await at.db.session.query<{ name: string }>("select name from customers order by 1"))
      .map(({ name }) => name).join("");
  const run = await at.say("run --table customers --key email --file @/data.csv --dry-run -q");
  assert.equal(run.code, 3, run.stderr);
  await at.define(null);
  await at.db.session.query("alter table customers drop constraint customers_age_check");
  const dry = await at.say(`${RETRY} --json`);
  assert.equal(dry.code, 3, dry.stderr);
  assert.equal(JSON.parse(dry.stdout).data.dry_run, true);
  assert.equal(await names(), "");
  const real = await at.say(`${RETRY} --no-dry-run --json`);
  assert.equal(JSON.parse(real.stdout).data.dry_run, false);
  assert.equal(await names(), "C");
  const asked = await at.say("retry 3 --dry-run --json");
  assert.equal(JSON.parse(asked.stdout).data.dry_run, true);
});

Deno.test("an exported file is edited and loaded again", async () => {
  await using at = await desk();
  await at.say(RUN);
  const file = `${at.folder}/failed.csv`;
  assert.equal((await at.say("errors 1 --export @/failed.csv")).code, 0);
  const edited = (await Deno.readTextFile(file)).replace(",x,", ",7,").replace(
    /^.*,c@.*\r\n/mu,
    "",
  );
  await Deno.writeTextFile(file, edited);
  const retried = await at.say(`${RETRY} --file @/failed.csv`);
  assert.equal(retried.code, 0, retried.stderr);
  assert.match(retried.stdout, /^created 1 /m);
  const again = await at.say(`${RETRY} --file @/failed.csv`);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /failed\.csv, line 2: run 2 has already fixed row 2\./);
});

Deno.test("a retry can be left to a worker", async () => {
  await using at = await desk();
  await at.say(RUN);
  await at.define(MENDED);
  const left = await at.say(`${RETRY} --detach`);
  assert.deepEqual([left.code, left.stdout], [0, "2\n"]);
  const second = await at.say(RETRY);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /^ingest: Cannot retry run 1: run 2 is already retrying run 1\. /);
  const worker = startIngest(["work", "--workers", "1"], { database: at.db });
  assert.equal((await at.say("wait 2")).code, 0);
  worker.kill("SIGTERM");
  await worker.ended;
  assert.match((await at.say("status 1")).stdout, /all 4 rows are loaded/);
});

Deno.test("if two programs retry a run at once, one of them does it", async () => {
  await using at = await desk();
  await at.say(RUN);
  await at.define(MENDED);
  const retry = () =>
    ingest(["retry", "1", "--importers", at.folder, "--workers", "1", "--json"], {
      database: at.db,
    });
  const ended = await Promise.all([retry(), retry(), retry()]);
  // A program that comes after the first has finished finds nothing to do.
  const made = ended.filter(({ stdout }) => JSON.parse(stdout).data?.id !== undefined);
  assert.equal(made.length, 1, ended.map(({ stdout }) => stdout).join());
  for (const { stdout, code } of ended.filter((one) => one !== made[0])) {
    const { data, message } = JSON.parse(stdout);
    if (code === 0) assert.equal(data, null);
    else assert.match(message, /is already retrying run 1/);
  }
  const rows = await at.db.session.query("select name from customers");
  assert.equal(rows.length, 4);
});
