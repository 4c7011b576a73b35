/** The same file once more, into a table without a key: a warning, or nothing at all. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { requireRun, type Run } from "../../src/ledger/runs/runs.ts";
import { requestCancel, startRun } from "../../src/ledger/runs/run_states.ts";
import { runReport } from "../../src/report/run_report.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../src/run/prepare.ts";
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

Deno.test("with `once`, a run that nobody is at counts, too: it may only be late", async () => {
  await using shop = await workshop(TABLES);
  const run = await shop.create("table: t", ROWS);
  // Too large to be read whole when it was created; then its process stood still.
  await shop.session.query(
    `update ingest.runs set fingerprint = null, checksum = null, status = 'processing',
       created_at = now() - interval '1 hour', started_at = now() - interval '1 hour'`,
  );
  await assert.rejects(once(shop, run), {
    name: "Refused",
    message: new RegExp(
      `^Cannot tell whether run ${run.id} loads the same bytes.*nobody.*ingest resume ${run.id}`,
    ),
  });
  await Deno.writeTextFile(shop.file, "b,a\nx,1\ny,2\n\nz,3\n\n");
  await shop.drive(await once(shop, run));
  await Deno.writeTextFile(shop.file, ROWS);
  await requestCancel(shop.ledger, run.id, null);
  await settleIdle(shop.ledger, run);
  await shop.drive(await once(shop, run));
  assert.equal(await count(shop.session, "t"), 6);
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

Deno.test("every run of a file has its SHA-256, and it is that of the original bytes", async () => {
  await using shop = await workshop(TABLES);
  const utf8 = new TextEncoder().encode(ROWS);
  const files: readonly (readonly [string, Uint8Array<ArrayBuffer>, string?])[] = [
    ["plain", utf8],
    ["with a mark", new Uint8Array([0xef, 0xbb, 0xbf, ...utf8])],
    ["padded", new Uint8Array([...utf8, ...new Uint8Array(5000)])],
    ["converted", new TextEncoder().encode("a,b\r1,x\r2,y\r")],
    ["latin-1", new Uint8Array([...utf8, 0x34, 0x2c, 0xe9, 0x0a])],
    ["skipped lines", new TextEncoder().encode(`title\n\n${ROWS}end\n`), SKIPPING],
    ["no rows", new TextEncoder().encode("a,b\n")],
    ["no line end", new TextEncoder().encode("a,b\n1,x")],
  ];
  for (const [what, bytes, more = ""] of files) {
    const run = await shop.drive(await shop.create(`table: t\n${more}`, bytes));
    assert.equal(run.checksum, sha256(bytes), what);
    assert.match(run.fingerprint ?? "", new RegExp(`^${bytes.length}:`), what);
  }
});

const SKIPPING = "source: { skip_lines: 2, skip_footer: 1 }\n";

function sha256(bytes: Uint8Array<ArrayBuffer>): string {
  return createHash("sha256").update(bytes).digest("hex");
}

Deno.test("the SHA-256 is right when another planner continues, after any step", async () => {
  await using shop = await workshop(TABLES);
  const { ledger, session } = shop;
  const rows = `a,b\n${Array.from({ length: 400 }, (_, i) => `${i},x\n`).join("")}`;
  const run = await shop.create("table: t\noptions: { batch_rows: 10 }", rows);
  await startRun(ledger, run.id);
  let planners = 0;
  for (;;) {
    const program = await prepareRun(session, await requireRun(ledger, run.id), "ingest");
    planners++;
    const options = { stepBytes: 300, stepTime: 0, isStopping: () => true };
    if (await planRun(ledger, program, options) === "planned") break;
  }
  assert.ok(planners > 3, `${planners} planners`);
  const { checksum } = await requireRun(ledger, run.id);
  assert.equal(checksum, sha256(new TextEncoder().encode(rows)));
});

Deno.test("a file of many windows has its SHA-256, too", async () => {
  await using shop = await workshop(TABLES);
  const rows = `a,b\n${`1,${"x".repeat(9_000)}\n`.repeat(1_800)}`;
  const run = await shop.drive(await shop.create("table: t", rows));
  assert.equal(run.checksum, sha256(new TextEncoder().encode(rows)));
});

Deno.test("a file that the importer has loaded before is told, with a key too", async () => {
  await using shop = await workshop(
    `${TABLES}; create table k (a int primary key, b text)`,
  );
  const load = async (yaml: string, dryRun = false) =>
    await shop.drive(await shop.create(yaml, ROWS, { dryRun }));
  const yaml = "table: k\nkey: a\non_duplicate: skip\n";
  await load(yaml, true);
  const first = await load(yaml);
  assert.equal(first.same_file, null, "only a dry run has had it");
  const again = await load(yaml);
  assert.deepEqual(again.same_file, { run: first.id, at: first.completed_at?.toISOString() });
  assert.deepEqual(again.warnings, []);
  const report = await runReport(shop.ledger, again.id, { rows: 0 });
  assert.equal(report.same_file?.run_id, first.id);
  assert.equal((await load("table: t")).same_file, null, "another table");
});

Deno.test("with `once`, a changed definition loads the file again, and an older program's doesn't", async () => {
  await using shop = await workshop(TABLES);
  const yaml = "table: t\ncolumns: { a: a, b: b }\n";
  const first = await shop.drive(await shop.create(yaml, ROWS));
  const { definition } = first;
  const changed = (changes: object) => ({ ...first, definition: { ...definition, ...changes } });
  const same = {
    description: "new",
    options: { ...definition.options, max_errors: { rows: 3 }, batch_rows: 7 },
    source: { ...definition.source, type: "file" as const, path: "x" },
  };
  await assert.rejects(once(shop, changed(same)), { name: "LoadedBefore" });
  // A version that didn't know these keys has made the run.
  await shop.session.query(
    `update ingest.runs set definition = definition::jsonb #- '{identity}' #- '{source,escape}'
       #- '{columns,a,empty}'`,
  );
  await assert.rejects(once(shop, first), { name: "LoadedBefore" });
  const { a, b } = definition.columns!;
  const loaded = [
    { columns: { a, b: { ...b, transform: [{ op: "upper" as const }] } } },
    { columns: { a } },
    { options: { ...definition.options, unmapped: "fail" as const } },
    { source: { ...definition.source, null_values: ["x"] } },
    { source: { ...definition.source, null_values: ["y"], unquoted_nulls: [""] } },
    // The key is gone.
    { source: { ...definition.source, null_values: ["y"] } },
  ];
  for (const changes of loaded) {
    const run = await shop.drive(await once(shop, changed(changes)));
    assert.equal(run.status, "completed");
    await assert.rejects(once(shop, changed(changes)), { name: "LoadedBefore" });
  }
});

Deno.test("with `once`, a run that has failed counts only where its rows would be there twice", async () => {
  await using shop = await workshop(`${TABLES}; create table k (a int primary key, b text)`);
  for (
    const [yaml, isRefused] of [["table: k\nkey: a\non_duplicate: skip", false], [
      "table: t",
      true,
    ]] as const
  ) {
    const run = await shop.drive(await shop.create(yaml, ROWS));
    for (const status of ["failed", "cancelled"]) {
      await shop.session.query(`update ingest.runs set status = $1 where id = $2`, [
        status,
        run.id,
      ]);
      if (isRefused) await assert.rejects(once(shop, run), /^Refused: .* ingest undo /);
      else await deleteRun(shop.ledger, (await shop.drive(await once(shop, run))).id);
    }
  }
});

Deno.test("with `once`, a run that was taken back in part or whole doesn't count", async () => {
  await using shop = await workshop(TABLES);
  const { session } = shop;
  const first = await shop.drive(await shop.create("table: t", ROWS));
  const [{ id }] = await session.query<{ id: number }>(
    `insert into ingest.runs (importer, definition, source, kind, undoes_run_id)
     select importer, definition, source, 'undo', id from ingest.runs where id = ${first.id}
     returning id`,
  );
  await assert.rejects(once(shop, first), {
    name: "Refused",
    message: new RegExp(`run ${id} is taking back .* run ${first.id} .* ingest wait ${id}$`),
  });
  await session.query(
    `update ingest.runs set status = 'cancelled', completed_at = now() where id = ${id}`,
  );
  await assert.rejects(once(shop, first), { name: "LoadedBefore" }, "nothing was taken back");
  await session.query(
    `insert into ingest.batches (run_id, number, first_row, last_row, first_line, byte_start,
       byte_end, row_count, deleted, status)
     values (${id}, 1, 1, 1, 1, 0, 1, 1, 1, 'completed')`,
  );
  const again = await shop.drive(await once(shop, first));
  assert.deepEqual(said(again), [], "nor is it told");
  assert.equal(again.same_file, null);
});

Deno.test("`options.once` is the default of `once`", async () => {
  await using shop = await workshop(TABLES);
  const yaml = "table: t\noptions: { once: true }";
  await shop.drive(await shop.create(yaml, ROWS));
  await assert.rejects(shop.create(yaml, ROWS), { name: "LoadedBefore" });
});
