/** What this machine keeps of files in buckets: how long, how much, and what comes of what is gone. */
import assert from "node:assert/strict";
import { openForReading } from "../../../src/source/file/stored_at.ts";
import { localCopy, makeRoom } from "../../../src/source/s3/local_copy.ts";
import { TestS3 } from "../../support/s3.ts";

/** With an INGEST_HOME of the test's own. `write`: a file that was last used so many seconds ago. */
async function cache() {
  const home = await Deno.makeTempDir({ prefix: "ingest-cache-" });
  const before = Deno.env.get("INGEST_HOME");
  Deno.env.set("INGEST_HOME", home);
  await Deno.mkdir(`${home}/cache`);
  return {
    async write(name: string, bytes: number, secondsAgo: number) {
      await Deno.writeFile(`${home}/cache/${name}`, new Uint8Array(bytes));
      const then = new Date(Date.now() - secondsAgo * 1000);
      await Deno.utime(`${home}/cache/${name}`, then, then);
      return name;
    },
    files: () => [...Deno.readDirSync(`${home}/cache`)].map(({ name }) => name).sort(),
    async [Symbol.asyncDispose]() {
      if (before === undefined) Deno.env.delete("INGEST_HOME");
      else Deno.env.set("INGEST_HOME", before);
      await Deno.remove(home, { recursive: true });
    },
  };
}

const copyName = () => `${crypto.randomUUID()}.csv`;

Deno.test("files that nobody has read for a while go, and of others the ones that were read longest ago", async () => {
  await using here = await cache();
  const minutes = 60;
  await here.write(copyName(), 10, 61 * minutes);
  await here.write(copyName(), 100, 50 * minutes);
  const [middle, last] = [
    await here.write(copyName(), 100, 40 * minutes),
    await here.write(copyName(), 100, 0),
  ];
  const fetching = await here.write(`${copyName()}.0a1b2c3d.part`, 100, 45 * minutes);
  await here.write(`${copyName()}.0a1b2c3d.part`, 100, 90 * minutes);
  await makeRoom(300, 60 * minutes * 1000);
  assert.deepEqual(here.files(), [fetching, last, middle].sort());
  await makeRoom(0, 60 * minutes * 1000);
  assert.deepEqual(here.files(), [fetching], "what is being fetched stays");
  await makeRoom(0, 0);
  assert.deepEqual(here.files(), []);
  await Deno.remove(Deno.env.get("INGEST_HOME")!, { recursive: true });
  await makeRoom(0, 0);
  await Deno.mkdir(Deno.env.get("INGEST_HOME")!);
});

Deno.test("a file that made room for others is fetched again when it is read", async () => {
  await using here = await cache();
  await using s3 = await TestS3.start("store");
  const names = Object.keys(s3.environment);
  for (const name of names) Deno.env.set(name, s3.environment[name]);
  try {
    const address = `s3://store/ingest/${copyName()}`;
    await s3.write("store", address.slice("s3://store/".length), "id\n1\n");
    const read = async () => {
      using file = await openForReading(address);
      return await new Response(file.readable).text();
    };
    assert.equal(await read(), "id\n1\n");
    const fetched = () => s3.requests.filter(({ method }) => method === "GET").length;
    assert.equal(await read(), "id\n1\n");
    assert.equal(fetched(), 1, "it is kept");
    await makeRoom(0, 3_600_000);
    assert.deepEqual(here.files(), []);
    // It was noted a moment ago that it is here.
    assert.equal(await read(), "id\n1\n");
    assert.equal(fetched(), 2);
    await makeRoom(0, 3_600_000);
    const both = await Promise.all([read(), read()]);
    assert.deepEqual([both, fetched()], [["id\n1\n", "id\n1\n"], 3]);
    assert.ok((await localCopy(address)).endsWith(here.files()[0]));
  } finally {
    for (const name of names) Deno.env.delete(name);
  }
});
