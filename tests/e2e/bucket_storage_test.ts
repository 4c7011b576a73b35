/** Machines that share no folder, only a bucket (INGEST_STORAGE): here, processes with own homes. */
import assert from "node:assert/strict";
import { until } from "../support/until.ts";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "../cli/customers.ts";
import { type Ended, ingest, startIngest } from "../cli/start_program.ts";
import { migratedDatabase, type TestDatabase } from "../support/database.ts";
import { refusal, TestS3 } from "../support/s3.ts";
import { startServing } from "./serve_process.ts";

interface Machine extends AsyncDisposable {
  readonly env: Record<string, string>;
  readonly folder: string;
  run(args: readonly string[], stdin?: string): Promise<Ended>;
  /** Names of the files that it keeps, in `home/spool` and `home/cache`. */
  kept(): string[];
}

async function machine(database: TestDatabase, s3: TestS3): Promise<Machine> {
  const { path: folder, [Symbol.asyncDispose]: remove } = await temporaryFolder();
  const env = {
    ...s3.environment,
    ...{ INGEST_HOME: `${folder}/home`, INGEST_STORAGE: "s3://store/in" },
  };
  return {
    ...{ env, folder, [Symbol.asyncDispose]: remove },
    run: (args, stdin) => ingest(args, { database, env, cwd: folder, stdin }),
    kept: () => filesIn(`${folder}/home`),
  };
}

function filesIn(folder: string): string[] {
  const found: string[] = [];
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) found.push(...filesIn(`${folder}/${name}`));
    else found.push(name);
  }
  return found;
}

async function database(): Promise<TestDatabase> {
  const made = await migratedDatabase();
  await made.session.execute(CUSTOMERS_TABLE);
  return made;
}

async function loaded(db: TestDatabase): Promise<number> {
  const [{ count }] = await db.session.query<{ count: number }>(
    "select count(*)::int as count from customers",
  );
  return count;
}

const HERE = ["--table", "customers", "--key", "email"];

Deno.test("what one machine was sent, another loads, shows, retries, verifies and deletes", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using other = await machine(db, s3);
  await using server = await startServing({ database: db, env: other.env }, "--no-workers");
  const { status, body } = await server.upload(customers(5000, true));
  assert.equal(status, 202);
  const run = String(body.data.id);
  assert.equal((await s3.keys("store")).length, 1);

  const work = startIngest(["work", "--workers", "3"], { database: db, env: other.env });
  const waited = await other.run(["wait", run, "--timeout", "10m"]);
  work.kill("SIGTERM");
  await work.ended;
  assert.equal(waited.code, 3, waited.stderr);
  assert.equal(await loaded(db), 5000);
  const ranges = s3.requests.filter(({ method, headers }) =>
    method === "GET" && headers.has("range")
  );
  assert.equal(ranges.length, 1, "it was fetched once, for all workers");
  assert.deepEqual(other.kept(), [], "and isn't kept after the run");

  const verified = await other.run(["verify", run]);
  assert.equal(verified.code, 0, verified.stdout + verified.stderr);
  assert.match(
    (await other.run(["errors", run, "--export", "-"])).stdout,
    /bad@example\.com,Bad,x/u,
  );
  await db.session.execute(
    "alter table customers drop constraint customers_age_check, alter age type text",
  );
  const retried = await other.run(["retry", run, "--importers", server.env.INGEST_IMPORTERS]);
  assert.equal(retried.code, 0, retried.stderr);
  assert.equal(await loaded(db), 5001);
  assert.equal((await other.run(["delete", run])).code, 0);
  assert.deepEqual(await s3.keys("store"), []);
  assert.deepEqual(other.kept(), []);
});

Deno.test("standard input and packed files are put there, and resumed elsewhere", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using here = await machine(db, s3);
  await using other = await machine(db, s3);
  const text = customers(20_000);
  const packed = new Response(text).body!.pipeThrough(new CompressionStream("gzip"));
  await Deno.writeFile(`${here.folder}/in.csv.gz`, packed);
  const detached = await here.run(["run", ...HERE, "--file", "in.csv.gz", "--detach"]);
  assert.equal(detached.code, 0, detached.stderr);
  const piped = await here.run(
    ["run", ...HERE, "--file", "-", "--detach"],
    "email,name,age\na@b,A,1\n",
  );
  assert.equal(piped.code, 0, piped.stderr);
  assert.equal((await s3.keys("store")).length, 2);
  for (const run of ["1", "2"]) {
    const resumed = await other.run(["resume", run]);
    assert.equal(resumed.code, 0, resumed.stderr);
  }
  assert.equal(await loaded(db), 20_001);
});

Deno.test("a machine that dies while it stores a file leaves nothing that prune doesn't find", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using here = await machine(db, s3);
  const isHeld = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  s3.disturb = async ({ query }) => {
    if (query.get("partNumber") !== "2") return null;
    isHeld.resolve();
    await go.promise;
    return null;
  };
  await Deno.writeTextFile(`${here.folder}/in.csv`, customers(600_000));
  const program = startIngest(["run", ...HERE, "--file", `${here.folder}/in.csv`, "--detach"], {
    database: db,
    env: here.env,
  });
  await isHeld.promise;
  program.kill("SIGKILL");
  await program.ended;
  go.resolve();
  s3.disturb = () => null;
  assert.equal(s3.uploads.size, 1);
  const [{ runs }] = await db.session.query<{ runs: number }>(
    "select count(*)::int as runs from ingest.runs",
  );
  assert.equal(runs, 0);

  const prune = ["prune", "--older-than", "1h", "--json"];
  const young = JSON.parse((await here.run(prune)).stdout).data;
  assert.deepEqual([young.orphans, s3.uploads.size, here.kept().length], [0, 1, 1]);
  const then = new Date(Date.now() - 2 * 3_600_000);
  const [{ key }] = s3.uploads.values();
  // More than fit on a page of the server's list, two of them of one key.
  for (let i = 0; i < 6; i++) {
    const other = key.replace(/[^/]+$/u, `${crypto.randomUUID()}.csv`);
    s3.uploads.set(`upload ${i}`, { key: i < 2 ? key : other, begun: then });
  }
  s3.uploads.set("of somebody else", { key: key.replace(/[^/]+$/u, "a.csv"), begun: then });
  s3.pageSize = 2;
  for (const upload of s3.uploads.values()) upload.begun = then;
  const [spool] = Deno.readDirSync(`${here.folder}/home/spool`);
  await Deno.utime(`${here.folder}/home/spool/${spool.name}/${here.kept()[0]}`, then, then);
  const old = JSON.parse((await here.run(prune)).stdout).data;
  assert.deepEqual([old.orphans, [...s3.uploads.keys()], here.kept()], [
    8,
    ["of somebody else"],
    [],
  ]);
});

Deno.test("a bucket that takes nothing is told, and no run is made", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using here = await machine(db, s3);
  s3.disturb = ({ method }) => method === "PUT" ? refusal(403, "AccessDenied") : null;
  const refused = await here.run(["run", ...HERE, "--file", "-", "--detach"], customers(3));
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /^ingest: Cannot write s3:\/\/store\/in\/\S+: access denied\. Allow .*\n$/u,
  );
  assert.deepEqual(here.kept(), []);
  const server = startIngest(["serve", "--port", "0"], { database: db, env: here.env });
  await server.says("Uploads can't be stored (INGEST_STORAGE): Cannot write s3://store/in/");
  server.kill("SIGTERM");
  await server.ended;
  const wrong = await ingest(["runs"], {
    database: db,
    env: { ...here.env, INGEST_STORAGE: "/mnt/x" },
  });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /INGEST_STORAGE: expected a folder in a bucket, such as s3:\/\//u);
});

Deno.test("a file that is gone from the bucket fails its run, and says so", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using here = await machine(db, s3);
  await using other = await machine(db, s3);
  assert.equal((await here.run(["run", ...HERE, "--file", "-", "--detach"], customers(3))).code, 0);
  s3.disturb = ({ method }) => method === "GET" ? refusal(404, "NoSuchKey") : null;
  const resumed = await other.run(["resume", "1"]);
  assert.equal(resumed.code, 1);
  assert.match(
    resumed.stderr,
    /^ingest: Cannot resume run 1: s3:\/\/store\/\S+ is gone\. Put the file back/u,
  );
  s3.disturb = () => null;
  const again = await other.run(["resume", "1"]);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(await loaded(db), 3);
});

Deno.test("orphans are found by the bucket's own clock, and only in this installation's folder", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using here = await machine(db, s3);
  assert.equal((await here.run(["run", ...HERE, "--file", "-"], customers(3))).code, 0);
  const [mine] = await s3.keys("store");
  const orphan = mine.replace(/[^/]+$/u, `${crypto.randomUUID()}.csv`);
  for (const key of [orphan, `in/${crypto.randomUUID()}.csv`, mine.replace(/[^/]+$/u, "my.csv")]) {
    await s3.write("store", key, "x\n");
  }
  const prune = ["prune", "--older-than", "1h", "--json"];
  assert.equal(JSON.parse((await here.run(prune)).stdout).data.orphans, 0);
  // The bucket says that it is two hours later.
  s3.clock = 2 * 3_600_000;
  assert.equal(JSON.parse((await here.run(prune)).stdout).data.orphans, 1);
  const left = await s3.keys("store");
  assert.deepEqual([left.includes(mine), left.includes(orphan), left.length], [true, false, 3]);
});

Deno.test("a machine without credentials leaves runs to one that has them, and the run says so", async () => {
  await using db = await database();
  await using s3 = await TestS3.start("store");
  await using able = await machine(db, s3);
  await using unable = await machine(db, s3);
  // Inserts wait for a lock that the test holds.
  await db.session.execute(
    `create function hold() returns trigger language plpgsql as
       $$ begin perform pg_advisory_xact_lock_shared(7); return new; end $$;
     create trigger hold before insert on customers for each row execute function hold();`,
  );
  await Deno.mkdir(`${able.folder}/importers`);
  await Deno.writeTextFile(
    `${able.folder}/importers/c.yaml`,
    "table: customers\nkey: email\noptions: { batch_rows: 100 }\n",
  );
  await Deno.writeTextFile(`${able.folder}/in.csv`, customers(2000));
  const detach = ["run", "c", "--file", "in.csv", "--importers", "importers", "--detach"];
  for (const run of [1, 2]) {
    await db.session.query("truncate customers");
    assert.equal((await able.run(detach)).code, 0);
    const work = (env: Record<string, string>) =>
      startIngest(["work", "--workers", "1"], { database: db, env });
    const { AWS_ACCESS_KEY_ID: _, AWS_SECRET_ACCESS_KEY: __, ...without } = unable.env;
    const isLeft = `exists (select from ingest.runs where id = ${run}
      and warnings::text like '%leaves the run to others%there are no credentials%')`;
    let other: ReturnType<typeof work> | null = null;
    await db.session.query("select pg_advisory_lock(7)");
    if (run === 1) {
      // It is the first that sees the run.
      other = work(without);
      await until(db.session, isLeft);
    }
    let worker = work(able.env);
    await until(
      db.session,
      `exists (select from ingest.batches where run_id = ${run} and status = 'processing')
         and exists (select from ingest.runs where id = ${run} and planned_at is not null)`,
    );
    if (run === 2) {
      other = work(without);
      await until(db.session, isLeft);
      // The batch of one that dies is not for it, either.
      worker.kill("SIGKILL");
      await worker.ended;
      // Its backend waits for the lock, and doesn't notice.
      await db.session.query(
        "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 7 and not granted",
      );
      await until(
        db.session,
        `exists (select from ingest.run_events where run_id = ${run} and type = 'batch rescued')
           and not exists (select from ingest.batches
             where run_id = ${run} and status = 'processing')`,
      );
      worker = work(able.env);
    }
    await db.session.query("select pg_advisory_unlock(7)");
    await until(db.session, `(select completed_at from ingest.runs where id = ${run}) is not null`);
    for (const each of [worker, other!]) {
      each.kill("SIGTERM");
      assert.equal((await each.ended).code, 0);
    }
  }
  const runs = await db.session.query("select status, error from ingest.runs order by id");
  assert.deepEqual(runs, [
    { status: "completed", error: null },
    { status: "completed", error: null },
  ]);
  assert.equal(await loaded(db), 2000);
});
