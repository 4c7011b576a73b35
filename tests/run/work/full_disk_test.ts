/** A server whose disk is full: one line that says so, and a run that can be resumed. */
import assert from "node:assert/strict";
import { driveRun } from "../../../src/run/work/drive.ts";
import { WorkerPool } from "../../../src/run/work/pool.ts";
import { count, workshop } from "../importing.ts";

const FULL = `
  create table items (id int);
  create function full_disk() returns trigger language plpgsql as $$ begin
    raise exception 'could not extend file "base/5/1": No space left on device'
      using errcode = 'disk_full';
  end $$;
  create trigger full_disk before update on ingest.batches for each row
    when (new.status = 'completed') execute function full_disk()`;
const MENDED = "drop trigger full_disk on ingest.batches";
const SAID =
  /could not extend file "base\/5\/1": No space left on device \(SQLSTATE 53100\)\. Free space on the server's disk\.$/u;

Deno.test("if the server's disk is full, the run fails in one line, no row does, and it is resumed", async () => {
  await using shop = await workshop(FULL);
  const run = await shop.drive(await shop.create("table: items", "id\n1\n2\n3\n"));
  assert.equal(run.status, "failed");
  assert.match(run.error?.message ?? "", SAID);
  assert.equal(await count(shop.session, "ingest.rows"), 0);
  await shop.session.query(MENDED);
  await shop.session.query(
    `update ingest.runs set status = 'processing', error = null, completed_at = null, summary = null`,
  );
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "items"), 3);
});

Deno.test("if the ledger can't be written to either, the command ends in one line, said once", async () => {
  await using shop = await workshop(FULL);
  const run = await shop.create("table: items", "id\n1\n2\n3\n");
  await shop.session.query(
    `create trigger full_disk before update on ingest.runs for each row
       when (new.error is not null) execute function full_disk()`,
  );
  const warnings: string[] = [];
  const { config } = shop.database;
  const pool = new WorkerPool({ config, schemaName: "ingest", workers: 1, patience: 200 });
  const onWarning = (line: string) => warnings.push(line);
  const options = { config, schemaName: "ingest", runId: run.id, workers: 1, pool, onWarning };
  await assert.rejects(driveRun(options), (error) => {
    assert.ok(error instanceof Error && error.name === "WorkersCrash");
    assert.match(error.message, SAID);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
  assert.equal(new Set(warnings).size, warnings.length, "said once");
  assert.ok(warnings.every((line) => !line.includes("\n")), warnings.join("\n"));
  await shop.session.query(`${MENDED}; drop trigger full_disk on ingest.runs`);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "items"), 3);
});
