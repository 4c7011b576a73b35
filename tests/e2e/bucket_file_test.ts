/** Runs of files that are in a bucket. */
import assert from "node:assert/strict";
import { customers, CUSTOMERS_TABLE, temporaryFolder } from "../cli/customers.ts";
import { ingest } from "../cli/start_program.ts";
import { testDatabase } from "../support/database.ts";
import { makeZip } from "../source/unpack/make_zip.ts";
import { refusal, TestS3 } from "../support/s3.ts";

async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Response(text).body!.pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function world() {
  const db = await testDatabase();
  await db.session.execute(CUSTOMERS_TABLE);
  const s3 = await TestS3.start("data");
  const folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(
    `${folder.path}/importers/daily.yaml`,
    "table: customers\nkey: email\non_duplicate: update\n" +
      "source: { type: s3, url: 's3://data/in/day-*.csv.gz' }\n",
  );
  const start = (...args: string[]) =>
    ingest(args, {
      ...{ database: db, cwd: folder.path },
      env: { ...s3.environment, INGEST_HOME: `${folder.path}/home` },
    });
  return {
    ...{ db, s3 },
    run: (...args: string[]) => start("run", ...args),
    check: (...args: string[]) => start("check", ...args),
    async loaded() {
      const [{ count }] = await db.session.query<{ count: number }>(
        "select count(*)::int as count from customers",
      );
      return count;
    },
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
      await s3[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

Deno.test("objects that fit a pattern are one run, which is made again only if they change", async () => {
  await using at = await world();
  for (const day of [1, 2]) {
    const text = customers(100).replaceAll("@example.com", `@day${day}.com`);
    await at.s3.write("data", `in/day-${day}.csv.gz`, await gzipped(text));
  }
  await at.s3.write("data", "in/other.csv", "x\n");
  const first = await at.run("daily");
  assert.equal(first.code, 0, first.stderr);
  assert.equal(await at.loaded(), 200);
  const again = await at.run("daily");
  assert.equal(again.code, 0);
  assert.match(again.stdout + again.stderr, /not changed since run 1 loaded them.*nothing to do/u);
  await at.s3.write("data", "in/day-3.csv.gz", await gzipped(customers(5)));
  const third = await at.run("daily");
  assert.equal(third.code, 0, third.stderr);
  assert.equal(await at.loaded(), 205);
});

Deno.test("one object is fetched without being listed, and not again while it is the same", async () => {
  await using at = await world();
  await at.s3.write("data", "a b.csv", customers(10));
  const args = ["--table", "customers", "--key", "email", "--file", "s3://data/a b.csv"];
  at.s3.disturb = ({ query }) => query.has("list-type") ? refusal(403, "AccessDenied") : null;
  const first = await at.run(...args);
  assert.equal(first.code, 0, first.stderr);
  const again = await at.run(...args);
  assert.match(again.stdout + again.stderr, /s3:\/\/data\/a b\.csv has not changed since run 1/u);
  await at.s3.write("data", "a b.csv", customers(11));
  assert.equal((await at.run(...args)).code, 0);
  assert.equal(await at.loaded(), 11);
});

Deno.test("what can't be fetched is told in one line, and leaves nothing", async () => {
  await using at = await world();
  const base = ["--table", "customers", "--file"];
  for (
    const [file, code, message] of [
      [
        "s3://data/none.csv",
        1,
        /^ingest: Cannot read s3:\/\/data\/none\.csv: there is no such object/u,
      ],
      [
        "s3://data/x*.csv",
        1,
        /^ingest: Cannot import s3:\/\/data\/x\*\.csv: no object has such a name/u,
      ],
      ["s3://none/a.csv", 1, /there is no bucket none\. Check its name/u],
      ["s3://data", 1, /expected a bucket and a key or a pattern, such as s3:\/\/my-bucket/u],
      ["s3://data/in/", 1, /expected a bucket and a key or a pattern/u],
      ["s3://data/[a", 1, /its \[ is never closed/u],
    ] as const
  ) {
    const ended = await at.run(...base, file);
    assert.match(ended.stderr, message, file);
    assert.equal(ended.stderr.trim().split("\n").length, 1, ended.stderr);
    assert.equal(ended.code, code, file);
  }
});

Deno.test("check shows what objects have from their first megabyte, and how many there are", async () => {
  await using at = await world();
  for (let day = 1; day <= 22; day++) {
    await at.s3.write("data", `in/day-${day}.csv.gz`, await gzipped(customers(10)));
  }
  const large = customers(100_000);
  await at.s3.write("data", "large.csv", large);
  const pattern = await at.check("daily", "--file", "s3://data/in/day-*.csv.gz", "--json");
  assert.equal(pattern.code, 0, pattern.stderr);
  const { files, file } = JSON.parse(pattern.stdout).data;
  assert.deepEqual(files, { count: 22, looked_at: 20, different: [] });
  assert.equal(file, "s3://data/in/day-1.csv.gz and 21 other files");
  const { requests } = at.s3;
  requests.length = 0;
  const one = await at.check("--table", "customers", "--file", "s3://data/large.csv", "--json");
  assert.equal(one.code, 0, one.stderr);
  const { only_beginning, looked_at } = JSON.parse(one.stdout).data;
  assert.deepEqual([only_beginning, looked_at], [true, 1000]);
  const ranges = requests.filter(({ path }) => path === "/data/large.csv")
    .map(({ headers }) => headers.get("range"));
  assert.deepEqual(ranges, ["bytes=0-1048575"]);
  await at.s3.write(
    "data",
    "large.zip",
    makeZip([{ name: "large.csv", content: large, stored: true }]),
  );
  const zip = await at.check("--table", "customers", "--file", "s3://data/large.zip", "--json");
  assert.equal(zip.code, 0, zip.stderr);
  assert.equal(JSON.parse(zip.stdout).data.looked_at, 1000);
  const { code, stderr } = await at.check("daily", "--file", "s3://data/gone.csv");
  assert.deepEqual([code, stderr.split("\n").length], [1, 2]);
});
