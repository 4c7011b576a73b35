import assert from "node:assert/strict";
import { Session, SessionLost } from "../../../src/db/session.ts";
import { adHocDefinition } from "../../../src/importer/ad_hoc.ts";
import { createRunFor } from "../../../src/run/request/create.ts";
import type { WithLedger } from "../../../src/run/request/with_ledger.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { workshop } from "../importing.ts";

Deno.test("a table that was just read from the catalog need not be read again", async () => {
  await using shop = await workshop("create table items (id int primary key)");
  await Deno.writeTextFile(shop.file, "id\n1\n");
  const { run, table } = await createRunFor((work) => work(shop.ledger), {
    definition: adHocDefinition({ table: "items" }, { ownSchema: "ingest" }),
    file: shop.file,
    user: null,
    spoolFolder: `${shop.file}.spool`,
    detach: false,
    dryRun: false,
  });
  const { loadPlan } = await prepareRun(shop.session, run, "ingest");
  await using nobody = await Session.open(shop.database.config);
  nobody.destroy();
  await assert.rejects(prepareRun(nobody, run, "ingest"), SessionLost);
  // Workers get it in a message.
  const program = await prepareRun(nobody, run, "ingest", structuredClone(table));
  // Every program has a stage of its own.
  const { stageName } = program.loadPlan;
  assert.deepEqual(program.loadPlan, { ...loadPlan, stageName });
});

Deno.test("no connection is held while a source is copied", async () => {
  await using shop = await workshop("create table items (id int primary key)");
  let held = 0;
  const heldWhileCopying: number[] = [];
  const withLedger: WithLedger = async (work) => {
    held++;
    try {
      return await work(shop.ledger);
    } finally {
      held--;
    }
  };
  const lines = ["id\n", "1\n", "2\n"];
  const file = new ReadableStream<Uint8Array>({
    pull(to) {
      heldWhileCopying.push(held);
      const line = lines.shift();
      if (line === undefined) return to.close();
      to.enqueue(new TextEncoder().encode(line));
    },
  }, { highWaterMark: 0 });
  const { run } = await createRunFor(withLedger, {
    definition: adHocDefinition({ table: "items" }, { ownSchema: "ingest" }),
    file,
    user: null,
    spoolFolder: `${shop.file}.spool`,
    detach: false,
    dryRun: false,
  });
  assert.deepEqual(heldWhileCopying, [0, 0, 0, 0]);
  assert.equal(held, 0);
  assert.equal((await shop.drive(run, 1)).status, "completed");
});
