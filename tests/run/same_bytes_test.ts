/** The same file once more, into a table without a key: a warning, or nothing at all. */
import assert from "node:assert/strict";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Run } from "../../src/ledger/runs.ts";
import { requestCancel } from "../../src/ledger/run_states.ts";
import { settleIdle } from "../../src/run/request/cancel.ts";
import { createRunFor } from "../../src/run/request/create.ts";
import { deleteRun } from "../../src/run/request/delete.ts";
import { storeFile } from "../../src/run/request/stored_file.ts";
import { count, workshop } from "./importing.ts";

const TABLES = "create table t (a int, b text); create table u (a int, b text)";
const ROWS = "a,b\n1,x\n2,y\n\n3,z\n\n";

const said = (run: Run) => run.warnings.filter((line) => line.includes("same bytes"));

Deno.test("the same bytes once more into a table without a key are named in a warning", async () => {
  await using shop = await workshop(TABLES);
  const load = async (yaml: string, content: string | Uint8Array, dryRun = false) =>
    await shop.drive(await shop.create(yaml, content, { dryRun }));
  const first = await load("table: t", ROWS);
  assert.deepEqual(said(first), []);
  assert.match(first.fingerprint ?? "", /^18:[0-9a-f]{8}$/u);
  const again = await load("table: public.t", ROWS);
  assert.match(said(again)[0], new RegExp(`loaded into public.t before, by run ${first.id} \\(`));
  const other = await load("table: t", ROWS.replace("z", "Z"));
  assert.deepEqual(said(other), [], "another byte");
  assert.deepEqual(said(await load("table: u", ROWS)), [], "another table");
  assert.deepEqual(said(await load("table: t\nkey: [a]", ROWS)), [], "a key");
  const dry = await load("table: t", ROWS, true);
  assert.match(said(dry)[0], new RegExp(`by run .*${again.id} .*run ${first.id} `));
  await load("table: t", "a,b\n9,q\n", true);
  assert.deepEqual(said(await load("table: t", "a,b\n9,q\n")), [], "only a dry run has had them");
});

Deno.test("a run that loaded nothing has not loaded the same bytes", async () => {
  await using shop = await workshop(TABLES);
  for (const file of ["a,b\nx,y\n", "a,b\n"]) {
    const first = await shop.drive(await shop.create("table: t", file));
    const again = await shop.drive(await shop.create("table: t", file));
    assert.deepEqual(said(again), []);
    const third = await shop.drive(await once(shop, first));
    assert.equal(third.status, first.status);
  }
});

Deno.test("the same bytes are recognised in whatever way they come", async () => {
  await using shop = await workshop(TABLES);
  const utf16 = new Uint8Array([
    0xff,
    0xfe,
    ...new Uint8Array(Uint16Array.from(ROWS, (c) => c.charCodeAt(0)).buffer),
  ]);
  const first = await shop.drive(await shop.create("table: t", utf16));
  const again = await shop.drive(await shop.create("table: t", utf16));
  assert.equal(said(again).length, 1, "another encoding");
  assert.equal(again.fingerprint, first.fingerprint);
  const plain = await shop.drive(await shop.create("table: t", ROWS));
  assert.deepEqual(said(plain), [], "the same text in other bytes");
  const { definition } = plain;
  const folder = `${shop.file}.spool`;
  const options = { definition, user: null, spoolFolder: folder, detach: false, dryRun: false };
  const create = async (file: Parameters<typeof createRunFor>[1]["file"], detach = false) =>
    (await createRunFor((work) => work(shop.ledger), { ...options, file, detach })).run;
  const bytes = () => new Blob([ROWS]).stream();
  const ways = [
    await create(await storeFile(bytes(), "upload.csv", folder, 1e6)),
    await create(bytes()),
    await create(shop.file, true),
  ];
  for (const run of ways) {
    assert.equal(run.fingerprint, plain.fingerprint);
    assert.match(said(await shop.drive(run))[0], new RegExp(`run ${plain.id} `));
  }
});

Deno.test("a file of several batches has the fingerprint of its bytes", async () => {
  await using shop = await workshop(TABLES);
  const rows = `a,b\n${Array.from({ length: 500 }, (_, i) => `${i},x\n`).join("")}`;
  const small = await shop.drive(await shop.create("table: t\noptions: { batch_rows: 7 }", rows));
  const large = await shop.drive(await shop.create("table: t", rows));
  assert.equal(large.fingerprint, small.fingerprint);
  assert.equal(said(large).length, 1);
});

/** Creates a run as `--once` does. */
async function once(shop: Awaited<ReturnType<typeof workshop>>, like: Run, dryRun = false) {
  const { run } = await createRunFor((work) => work(shop.ledger), {
    ...{ definition: like.definition, file: shop.file, user: null, dryRun, once: true },
    ...{ spoolFolder: `${shop.file}.spool`, detach: false },
  });
  return run;
}

Deno.test("with `once`, bytes that a run has loaded make no run", async () => {
  await using shop = await workshop(TABLES);
  const first = await shop.drive(await shop.create("table: t", ROWS));
  await assert.rejects(once(shop, first), {
    name: "LoadedBefore",
    message: new RegExp(`^Run ${first.id} has loaded the same bytes on .*nothing to do`),
  });
  await assert.rejects(once(shop, first, true), { name: "LoadedBefore" });
  await Deno.writeTextFile(shop.file, ROWS.replace("z", "Z"));
  const other = await shop.drive(await once(shop, first));
  assert.equal(other.status, "completed");
  await deleteRun(shop.ledger, other.id);
  await shop.drive(await once(shop, first));
  assert.equal(await count(shop.session, "t"), 9);
  assert.equal(await count(shop.session, "ingest.runs"), 2);
});

Deno.test("with `once`, a file is compared with runs of before there were fingerprints", async () => {
  await using shop = await workshop(TABLES);
  const first = await shop.drive(await shop.create("table: t", ROWS));
  await shop.session.query("update ingest.runs set fingerprint = null");
  await assert.rejects(once(shop, first), { name: "LoadedBefore" });
  await Deno.writeTextFile(shop.file, ROWS.replace("z", "Z"));
  await shop.drive(await once(shop, first));
});

Deno.test("with `once`, a run that stopped in the middle has to be finished or forgotten", async () => {
  await using shop = await workshop(TABLES);
  const run = await shop.create("table: t", ROWS);
  await requestCancel(shop.ledger, run.id, null);
  await settleIdle(shop.ledger, run);
  // It has loaded nothing.
  const full = await shop.drive(await once(shop, run));
  await shop.session.query(
    `update ingest.runs set status = 'cancelled' where id = ${full.id}`,
  );
  await assert.rejects(once(shop, run), {
    name: "Refused",
    message: new RegExp(`run ${full.id} stopped after 3 of its rows.*ingest resume ${full.id}`),
  });
});

Deno.test("of two runs with `once` at the same moment, one loads the file", async () => {
  await using shop = await workshop(TABLES);
  const like = await shop.create("table: u", ROWS);
  const definition = { ...like.definition, table: "t" };
  const alone = async <T>(work: (ledger: Ledger) => Promise<T>) => {
    const session = await Session.open(shop.database.config);
    try {
      return await work(new Ledger(session, "ingest"));
    } finally {
      await session.close();
    }
  };
  const request = {
    ...{ definition, file: shop.file, user: null, dryRun: false, once: true },
    ...{ spoolFolder: `${shop.file}.spool`, detach: false },
  };
  const ends = await Promise.allSettled([1, 2, 3].map(() => createRunFor(alone, request)));
  const made = ends.flatMap((end) => end.status === "fulfilled" ? [end.value.run] : []);
  assert.equal(made.length, 1);
  for (const end of ends) {
    if (end.status === "rejected") assert.match(String(end.reason), /Run \d+ is loading the same/u);
  }
  await shop.drive(made[0]);
  assert.equal(await count(shop.session, "t"), 3);
});
