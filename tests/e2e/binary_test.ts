/** What only the compiled program can get wrong: it has no source tree around it. */
import assert from "node:assert/strict";
import { resolveDatabase } from "../../src/config/resolve_database.ts";
import { thisMachine } from "../../src/config/machine.ts";
import { findPlace } from "../../src/db/embedded/place.ts";
import { Session } from "../../src/db/session.ts";
import { CUSTOMERS_TABLE, temporaryFolder } from "../cli/customers.ts";
import { COMPILED, type Ended, PROGRAM } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";
import { temporaryHome } from "../support/embedded_home.ts";

const CSV = "email,name,age\na@x.de,A,1\nb@x.de,B,old\nc@x.de,C,3\n";
const REPAIRED = /,b@x\.de,B,old,/;

/** Found at run time, with what it imports by a relative path. */
const JAVASCRIPT = `import { AGE } from "./ages.js";
export default { table: "customers", key: ["email"], columns: { email: "email", name: "name", age: AGE } };
`;
const AGES = `export const AGE = { from: "age", type: "integer" };\n`;

type Environment = Readonly<Record<string, string>>;

/** In this folder, with these variables and no other. */
async function inFolder(folder: string, line: string, env: Environment): Promise<Ended> {
  const [program, ...own] = PROGRAM;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...own, ...line.split(" ")],
    cwd: folder,
    clearEnv: true,
    env: { ...env },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Imports, looks, repairs, retries, as a user would. The table `customers` exists. */
async function importAndRepair(folder: string, env: Environment): Promise<void> {
  const say = async (line: string, exit: number): Promise<string> => {
    const { code, stdout, stderr } = await inFolder(folder, line, env);
    assert.equal(code, exit, `${line}: ${stderr}`);
    return stdout;
  };
  await Deno.writeTextFile(`${folder}/customers.csv`, CSV);
  await say("run --table customers --key email --file customers.csv", 3);
  const status = await say("status 1", 0);
  assert.match(status, /created 2 {3}updated 0 {3}skipped 0 {3}failed 1/);
  // Without the permission to ask for the user's name this would say "unknown".
  assert.ok(status.includes(`by ${thisMachine({}).user}, took`), status);
  assert.match(await say("errors 1", 0), /The age field must be a whole number/);
  await say("errors 1 --export failed.csv", 0);
  const failed = await Deno.readTextFile(`${folder}/failed.csv`);
  assert.match(failed, REPAIRED);
  await Deno.writeTextFile(`${folder}/failed.csv`, failed.replace("b@x.de,B,old", "b@x.de,B,2"));
  await say("retry 1 --file failed.csv", 0);
  assert.match(await say("runs", 0), /completed/);
}

const AGES_LOADED = [{ age: 1 }, { age: 2 }, { age: 3 }];

Deno.test({
  name: "compiled: from an empty folder, with nothing else, it imports, repairs and retries",
  ignore: !COMPILED,
  fn: async () => {
    await using db = await testDatabase();
    await using dir = await temporaryFolder();
    await db.session.execute(CUSTOMERS_TABLE);
    await importAndRepair(dir.path, { DATABASE_URL: db.url });
    const rows = await db.session.query("select age from customers order by age");
    assert.deepEqual(rows, AGES_LOADED);
  },
});

Deno.test({
  name: "compiled: the embedded Postgres comes from Deno's cache, and from where it is installed",
  ignore: !COMPILED,
  fn: async () => {
    await using home = await temporaryHome();
    await using other = await temporaryHome();
    const { HOME = "", DENO_DIR, XDG_CACHE_HOME } = Deno.env.toObject();
    await embeddedFrom(home.path, {
      HOME,
      ...(DENO_DIR && { DENO_DIR }),
      ...(XDG_CACHE_HOME && { XDG_CACHE_HOME }),
    });
    // The copy that the first one made is as good as an installed one.
    const [copy, ...more] = await copies(home.path);
    assert.ok(copy !== undefined && more.length === 0, "the cache's files were copied");
    await embeddedFrom(other.path, { PATH: `${copy}/bin` });
    assert.deepEqual(await copies(other.path), []);
    const { data } = await findPlace(other.path);
    assert.equal(await Deno.readTextFile(`${data}/PG_VERSION`), "18\n");
  },
});

/** Folders of Postgres's files in a home. */
async function copies(home: string): Promise<readonly string[]> {
  const { root } = await findPlace(home);
  const entries = await Array.fromAsync(Deno.readDir(root));
  return entries.filter(({ name }) => /^\d/.test(name)).map(({ name }) => `${root}/${name}`);
}

async function embeddedFrom(home: string, from: Environment): Promise<void> {
  const env = { INGEST_HOME: home, INGEST_EMBEDDED: "1", ...from };
  const started = await inFolder(home, "db start --json", env);
  assert.equal(started.code, 0, started.stderr);
  const databaseUrl: string = JSON.parse(started.stdout).data.url;
  const choice = resolveDatabase({ databaseUrl }, {}, false, thisMachine({}));
  assert.equal(choice.kind, "server");
  const session = await Session.open(choice.config);
  await session.execute(CUSTOMERS_TABLE);
  await session.close();
  await importAndRepair(home, env);
  assert.equal((await inFolder(home, "db stop", env)).code, 0);
}

Deno.test({
  name: "compiled: definitions in JavaScript are loaded, and may no more than the program itself",
  ignore: !COMPILED,
  fn: async () => {
    await using db = await testDatabase();
    await using dir = await temporaryFolder();
    await db.session.execute(CUSTOMERS_TABLE);
    await Deno.mkdir(`${dir.path}/importers`);
    await Deno.writeTextFile(`${dir.path}/importers/customers.js`, JAVASCRIPT);
    await Deno.writeTextFile(`${dir.path}/importers/ages.js`, AGES);
    await Deno.writeTextFile(`${dir.path}/customers.csv`, CSV);
    const env = { DATABASE_URL: db.url };
    const run = await inFolder(dir.path, "run customers --file customers.csv", env);
    assert.equal(run.code, 3, run.stderr);
    assert.deepEqual(await db.session.query("select age from customers order by age"), [
      { age: 1 },
      { age: 3 },
    ]);
    await Deno.writeTextFile(`${dir.path}/importers/typed.ts`, "export default { table: 't' };");
    const typed = await inFolder(dir.path, "check typed", env);
    assert.equal(typed.code, 1);
    assert.match(
      typed.stdout,
      /typed\.ts: the compiled program can't load TypeScript: write typed\.js/,
    );
    // The program doesn't have permissions that it doesn't need, and doesn't ask for them.
    await Deno.writeTextFile(
      `${dir.path}/importers/customers.js`,
      `Deno.dlopen("/lib/libc.so", {});\n${JAVASCRIPT}`,
    );
    const check = await inFolder(dir.path, "check customers", env);
    assert.equal(check.code, 1);
    assert.match(check.stdout + check.stderr, /customers\.js:? can't be loaded: Requires ffi/);
  },
});
