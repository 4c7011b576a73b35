/** Files that are packed: what is in them is loaded as if it were plain. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { readProgress } from "../../src/ledger/runs/progress.ts";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { runReport } from "../../src/report/run_report.ts";
import { LoadedBefore } from "../../src/run/request/once.ts";
import { Refused } from "../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../src/run/request/resume.ts";
import { joined } from "../source/unpack/bytes.ts";
import { makeZip } from "../source/unpack/make_zip.ts";
import { count, type Workshop, workshop } from "./importing.ts";
import { retry, unresolved } from "./retrying.ts";

const TABLE = "create table t (id int primary key, name text)";
const KEYED = "{table: t, key: id, on_duplicate: update}";

function rows(count: number, from = 1): string {
  return Array.from({ length: count }, (_, i) => `${from + i},name ${(i * 7919) % 10007}\n`).join(
    "",
  );
}

const CSV = `id,name\n${rows(5000)}`;

const PACKED: Readonly<Record<string, () => Uint8Array>> = {
  gzip: () => gzipSync(CSV),
  zstd: () => zstdCompressSync(CSV),
  zip: () => makeZip([{ name: "data/t.csv", content: CSV }]),
  "gzip in zip": () => makeZip([{ name: "t.csv.gz", content: gzipSync(CSV) }]),
  "zip in gzip": () => gzipSync(makeZip([{ name: "t.csv", content: CSV }])),
  "UTF-16 in gzip": () =>
    gzipSync(
      joined(
        Uint8Array.of(0xff, 0xfe),
        new Uint8Array(Uint16Array.from(CSV, (c) => c.charCodeAt(0)).buffer),
      ),
    ),
};

/** Copies in storage. */
async function stored(shop: Workshop): Promise<number> {
  const folder = `${shop.file.slice(0, shop.file.lastIndexOf("/"))}/spool`;
  return (await Array.fromAsync(Deno.readDir(folder))).length;
}

Deno.test("a packed file is loaded like a plain one, and the run keeps what the file itself is", async (t) => {
  await using shop = await workshop(TABLE);
  for (const [how, pack] of Object.entries(PACKED)) {
    await t.step(how, async () => {
      await shop.session.query("truncate t");
      const file = pack();
      const run = await shop.drive(await shop.create("table: t", file));
      assert.deepEqual([run.status, run.error, run.total_rows], ["completed", null, 5000]);
      assert.equal(await count(shop.session, "t"), 5000);
      assert.equal(run.checksum, createHash("sha256").update(file).digest("hex"));
      assert.match(run.fingerprint ?? "", new RegExp(`^${file.length}:`));
      assert.equal(run.original_filename, "data.csv");
      assert.deepEqual(run.warnings.filter((warning) => !warning.startsWith("The same bytes")), []);
      const { read_as } = await runReport(shop.ledger, run.id, { rows: 0 });
      assert.ok(read_as.unpacked !== null);
    });
  }
  // One for each run: what a copy was made from is removed.
  assert.equal(await stored(shop), Object.keys(PACKED).length);
});

Deno.test("the report says what was unpacked, and a warning what was not", async () => {
  await using shop = await workshop(TABLE);
  const zip = makeZip([{ name: "x/t.csv.gz", content: gzipSync(CSV) }, { name: "README.md" }]);
  const run = await shop.drive(await shop.create("table: t", zip));
  assert.deepEqual(run.warnings, [
    'Of the zip archive, only "x/t.csv.gz" is read, and not "README.md".',
  ]);
  const { read_as } = await runReport(shop.ledger, run.id, { rows: 0 });
  assert.equal(read_as.unpacked, "x/t.csv.gz, unpacked from data.csv, unpacked with gzip");
});

Deno.test("failed rows of a packed file are kept, and retried", async () => {
  await using shop = await workshop(TABLE);
  const file = gzipSync(`id,name\n1,a\nx,b\n3,c\ny,d\n`);
  const run = await shop.drive(await shop.create("table: t", file));
  assert.equal(run.status, "completed_with_errors");
  assert.equal(await unresolved(shop, run.id), 2);
  const fixed = zstdCompressSync(
    `id,name,_error_message,_row_number,_run_id\n20,b,,2,${run.id}\n40,d,,4,${run.id}\n`,
  );
  await retry(shop, run.id, { file: fixed });
  assert.equal(await unresolved(shop, run.id), 0);
  assert.equal(await count(shop.session, "t where id in (1, 3, 20, 40)"), 4);
});

Deno.test("a dry run of a packed file leaves the table as it is", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create("table: t", gzipSync(CSV), { dryRun: true }));
  assert.equal(run.status, "completed");
  assert.equal((await readProgress(shop.ledger, run.id)).successful, 5000);
  assert.equal(await count(shop.session, "t"), 0);
});

/** The data of a gzip file of several blocks, each of which can be told from the others. */
function blocks(): Uint8Array {
  const random = createHash("sha512");
  const noise = Array.from(
    { length: 5000 },
    (_, i) => `${i + 1},${random.copy().update(String(i)).digest("hex").slice(0, 20)}\n`,
  );
  return gzipSync(`id,name\n${noise.join("")}`, { level: 1 });
}

Deno.test("of a file that breaks off, the whole rows are loaded, and the run fails", async () => {
  await using shop = await workshop(TABLE);
  const whole = blocks();
  const cut = whole.subarray(0, whole.length >> 1);
  const run = await shop.drive(await shop.create(KEYED, cut));
  const loaded = await count(shop.session, "t");
  assert.ok(loaded > 2000 && loaded < 3000, String(loaded));
  assert.equal(run.status, "failed");
  const all = loaded.toLocaleString("en-US");
  assert.deepEqual(run.error, {
    code: "broken_source",
    message: `${shop.file} breaks off after ${cut.length.toLocaleString("en-US")} bytes. ` +
      `Only its first ${all} rows could be read. ` +
      "Get the file again from where it comes from, and load it anew.",
  });
  // The last row is that of the file, and none is half of one.
  assert.equal(await count(shop.session, "t where length(name) < 20"), 0);
  assert.equal(await count(shop.session, `t where id > ${loaded}`), 0);

  await assert.rejects(reopenForResume(shop.ledger, run.id, null, undefined), (error) => {
    assert.ok(error instanceof Refused);
    return /nothing is left to read\. .* breaks off/u.test(error.message);
  });
  const again = await shop.drive(await shop.create(KEYED, whole));
  assert.equal(again.status, "completed");
  assert.equal(await count(shop.session, "t"), 5000);
});

Deno.test("a run of a broken file that is cancelled is resumed, and then fails as it should", async () => {
  await using shop = await workshop(TABLE);
  const whole = blocks();
  const run = await shop.create(`{table: t, options: {batch_rows: 100}}`, whole.subarray(0, -9));
  await shop.session.query(
    `update ingest.runs set status = 'cancelled', completed_at = now() where id = ${run.id}`,
  );
  await reopenForResume(shop.ledger, run.id, null, undefined);
  const ended = await shop.drive(await requireRun(shop.ledger, run.id));
  assert.deepEqual([ended.status, ended.error?.code], ["failed", "broken_source"]);
  assert.equal(await count(shop.session, "t"), 5000);
});

Deno.test("failed rows of a broken file are retried, and the retry doesn't fail for it", async () => {
  await using shop = await workshop(TABLE);
  const file = gzipSync(`id,name\nx,a\n${rows(3000, 2)}`);
  const run = await shop.drive(await shop.create("table: t", file.subarray(0, -20)));
  assert.equal(run.status, "failed");
  const definition =
    "{table: t, columns: {id: {from: id, map: {x: '1'}, default: '1'}, name: name}}";
  const retried = await retry(shop, run.id, { definition });
  assert.deepEqual([retried.status, retried.error], ["completed", null]);
  assert.equal(await unresolved(shop, run.id), 0);
});

Deno.test("a checksum that doesn't fit fails the run, once all rows are loaded", async () => {
  await using shop = await workshop(TABLE);
  const gz = gzipSync(`${CSV}5001,the last`);
  gz[gz.length - 6] ^= 0x55;
  const zip = makeZip([{ name: "t.csv", content: `${CSV}5001,the last`, crc: 7 }]);
  for (const file of [gz, zip]) {
    await shop.session.query("truncate t");
    const run = await shop.drive(await shop.create("table: t", file));
    assert.equal(await count(shop.session, "t"), 5001);
    assert.deepEqual([run.status, run.error?.code], ["failed", "broken_source"]);
    assert.match(
      run.error?.message ?? "",
      /doesn't fit its checksum at byte [\d,]+ of [\d,]+\. All of its rows were read, but what/u,
    );
  }
});

Deno.test("a quoted value that the end cuts is no row, though it has line breaks", async () => {
  await using shop = await workshop(TABLE);
  const text = `id,name\n1,a\n2,b\n3,"a text\nof several\nlines, ${"and more ".repeat(20)}`;
  const gz = gzipSync(text);
  const run = await shop.drive(await shop.create("table: t", gz.subarray(0, -8)));
  assert.equal(run.status, "failed");
  assert.match(run.error?.message ?? "", /Only its first 2 rows could be read/u);
  assert.equal(await count(shop.session, "t"), 2);
});

Deno.test("a member of an archive is chosen by the definition", async () => {
  await using shop = await workshop(TABLE);
  const zip = makeZip([
    { name: "old/t.csv", content: "id,name\n1,old\n" },
    { name: "new/t.csv", content: "id,name\n2,new\n" },
  ]);
  await shop.drive(await shop.create("{table: t, source: {member: new/*}}", zip));
  assert.equal(await count(shop.session, "t where name = 'new'"), 1);
});

Deno.test("--once knows a packed file by its own bytes", async () => {
  await using shop = await workshop(TABLE);
  const definition = "{table: t, options: {once: true}}";
  const zip = makeZip([{ name: "t.csv", content: CSV }]);
  await shop.drive(await shop.create(definition, zip));
  await assert.rejects(shop.create(definition, zip), LoadedBefore);
  assert.equal(await stored(shop), 1);
});
