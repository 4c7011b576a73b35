import assert from "node:assert/strict";
import { prune } from "../../../src/run/request/prune.ts";
import { spool } from "../../../src/source/file/spool.ts";
import { age, loaded, PEOPLE } from "../chains.ts";
import { workshop } from "../importing.ts";
import { DAY, NOTHING, pruned, runIds } from "./pruning.ts";

Deno.test("stored files are deleted with their runs, and old ones that no run names", async () => {
  await using shop = await workshop(PEOPLE);
  const folder = await Deno.makeTempDir();
  const store = async (days: number, extension = ".csv") => {
    const { path } = await spool(shop.file, folder, extension);
    const time = new Date(Date.now() - days * DAY);
    await Deno.utime(path, time, time);
    return path;
  };
  const [old, young] = [await loaded(shop, 1, 0), await loaded(shop, 1, 0)];
  const mine = await store(31);
  const others = await store(31, "");
  // Another machine has the same folder under another path.
  for (const [run, path] of [[old, mine], [young, others.replace(folder, "/elsewhere")]] as const) {
    await shop.session.execute(
      "update ingest.runs set processed_filepath = $2 where id = $1",
      [run.id, path],
    );
  }
  await age(shop, 31, old);
  await store(31, ".tsv");
  const fresh = await store(29);
  const foreign = `${folder}/customers.csv`;
  await Deno.writeTextFile(foreign, "mine\n");
  await Deno.utime(foreign, 0, 0);
  await Deno.mkdir(`${folder}/${crypto.randomUUID()}`);
  const { size } = await Deno.stat(shop.file);
  assert.deepEqual(await pruned(shop, { spoolFolder: folder }), {
    ...NOTHING,
    runs: 1,
    rows: 1,
    files: 1,
    orphans: 1,
    bytes: 2 * size,
  });
  const left = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile)
    .map(({ name }) => `${folder}/${name}`);
  assert.deepEqual(left.toSorted(), [others, fresh, foreign].toSorted());
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a file that is being stored is no orphan, whatever age is given", async () => {
  await using shop = await workshop(PEOPLE);
  const folder = await Deno.makeTempDir();
  const writing = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  let pulls = 0;
  const slow = new ReadableStream<Uint8Array>({
    async pull(to) {
      if (pulls++ === 0) return to.enqueue(new TextEncoder().encode("id\n1\n"));
      writing.resolve();
      await go.promise;
      to.close();
    },
  }, { highWaterMark: 0 });
  const spooling = spool(slow, folder);
  await writing.promise;
  const { orphans } = await prune(shop.ledger, {
    olderThanMs: 0,
    spoolFolder: folder,
    force: true,
    dryRun: false,
  });
  go.resolve();
  const { path } = await spooling;
  assert.equal(orphans, 0);
  assert.equal(await Deno.readTextFile(path), "id\n1\n");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a storage folder that can't be read is reported before anything is deleted", async () => {
  await using shop = await workshop(PEOPLE);
  const old = await loaded(shop, 1, 0);
  await age(shop, 31, old);
  await assert.rejects(
    prune(shop.ledger, {
      olderThanMs: DAY,
      spoolFolder: shop.file,
      force: false,
      dryRun: false,
    }),
    { name: "SourceError", message: /^Cannot read the storage folder .*data\.csv: / },
  );
  assert.deepEqual(await runIds(shop), [old.id]);
});
