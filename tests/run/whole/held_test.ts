/** Runs that wait for somebody's decision before they load their rows. */
import assert from "node:assert/strict";
import { parseDefinition } from "../../../src/importer/parse.ts";
import { readProgress } from "../../../src/ledger/runs/progress.ts";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { cancelRun } from "../../../src/run/request/cancel.ts";
import { deleteRun } from "../../../src/run/request/delete.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { releaseHeld } from "../../../src/run/request/release.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { SourceError } from "../../../src/source/error.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { tryRetry, unresolved } from "../retrying.ts";

const TABLE = "create table t (id int primary key, n int check (n < 1000));";

function defined(options: string): string {
  return `table: t\nkey: id\non_duplicate: update\noptions: {transaction: run, batch_rows: 20, ${options}}\n`;
}

function file(rows: number, bad = 0): string {
  return `id,n\n${
    Array.from({ length: rows }, (_, i) => `${i},${i < bad ? 1000 : i}`).join("\n")
  }\n`;
}

function release({ ledger }: Workshop, { id }: Run, by = "a colleague"): Promise<Run> {
  return releaseHeld(ledger, id, by, "command");
}

async function counts({ ledger }: Workshop, { id }: Run) {
  const { created, updated, skipped, failed } = await readProgress(ledger, id);
  return { created, updated, skipped, failed };
}

Deno.test("with release: manual, a run says what it would do, and loads its rows when it is released", async () => {
  await using shop = await workshop(`${TABLE} insert into t values (1, 7), (2, 2)`);
  const held = await shop.drive(await shop.create(defined("release: manual"), file(100, 1)));
  assert.equal(held.status, "held");
  const { because, ...would } = held.held!;
  assert.deepEqual(would, { rows: 100, created: 97, updated: 1, skipped: 1, failed: 1 });
  assert.deepEqual(because, ["Each run waits for somebody's decision."]);
  assert.equal(await count(shop.session, "t"), 2);
  assert.deepEqual(await counts(shop, held), { created: 0, updated: 0, skipped: 0, failed: 1 });

  assert.equal((await release(shop, held)).released_by, "a colleague");
  const ended = await shop.drive(held);
  assert.equal(ended.status, "completed_with_errors");
  assert.deepEqual(await counts(shop, held), { created: 97, updated: 1, skipped: 1, failed: 1 });
  assert.equal(await count(shop.session, "t"), 99);
  const events = await shop.session.query<{ type: string; actor: string | null }>(
    "select type, actor from ingest.run_events where type in ('held', 'released') order by id",
  );
  assert.deepEqual(events, [
    { type: "held", actor: null },
    { type: "released", actor: "a colleague" },
  ]);
});

Deno.test("a run whose failed rows are few is loaded without them; one with more is held", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined("hold_if: failed > 2%");
  const few = await shop.drive(await shop.create(definition, file(100, 2)));
  assert.equal(few.status, "completed_with_errors");
  assert.equal(await count(shop.session, "t"), 98);
  await shop.session.query("truncate t");
  const many = await shop.drive(await shop.create(definition, file(100, 3)));
  assert.equal(many.status, "held");
  assert.deepEqual(many.held!.because, ["failed > 2%: it is 3 of 100 rows."]);
  assert.equal(await count(shop.session, "t"), 0);
});

Deno.test("a gate that says nothing of failed rows leaves it at all rows or none", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined('hold_if: ["rows < 50", "updated > 10%"]');
  assert.equal((await shop.drive(await shop.create(definition, file(100, 1)))).status, "failed");
  assert.equal((await shop.drive(await shop.create(definition, file(100)))).status, "completed");
  const again = await shop.create(definition, file(40).replaceAll(/,\d+/gu, ",999"));
  const held = await shop.drive(again);
  assert.deepEqual(held.held?.because, [
    "rows < 50: it is 40.",
    "updated > 10%: it is 40 of 40 rows.",
  ]);
});

Deno.test("a run far from the importer's last runs is unusual", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined("hold_if: rows unusual");
  for (const rows of [100, 110, 90]) {
    assert.equal((await shop.drive(await shop.create(definition, file(rows)))).status, "completed");
  }
  const held = await shop.drive(await shop.create(definition, file(30)));
  assert.deepEqual(held.held?.because, [
    "rows unusual: it is 30, and in the last 3 runs it was between 90 and 110.",
  ]);
  assert.equal((await shop.drive(await shop.create(definition, file(60)))).status, "completed");
});

Deno.test("a dry run says that the run would be held, and is not held itself", async () => {
  await using shop = await workshop(TABLE);
  const definition = defined("hold_if: failed > 2%");
  const dry = await shop.drive(await shop.create(definition, file(100, 9), { dryRun: true }));
  assert.equal(dry.status, "completed_with_errors");
  assert.deepEqual(dry.warnings, [
    "The run would be held until somebody releases it: failed > 2%: it is 9 of 100 rows.",
  ]);
});

Deno.test("a held run is released once, whoever is faster, and only if it is held", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.create(defined("release: manual"), file(50));
  await assert.rejects(release(shop, run), /Cannot release run 1: it is pending, and not held/u);
  await shop.drive(run);
  const both = await Promise.allSettled([release(shop, run, "a"), release(shop, run, "b")]);
  // They share a connection: the second finds what the first has done.
  assert.deepEqual(both.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await shop.drive(run);
  await assert.rejects(release(shop, run), /it is completed, and not held\. It was released by/u);
  assert.equal(await count(shop.session, "t"), 50);
});

Deno.test("a held run can be cancelled, and loads nothing; resumed, it is held again", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(defined("release: manual"), file(50, 2)));
  await assert.rejects(reopenForResume(shop.ledger, run.id, null, undefined), Refused);
  assert.equal((await cancelRun(shop.ledger, run.id, "tester")).status, "cancelled");
  assert.equal(await count(shop.session, "t"), 0);
  await assert.rejects(tryRetry(shop, run.id), /all rows or none/u);
  await reopenForResume(shop.ledger, run.id, null, undefined);
  assert.equal((await shop.drive(run)).status, "held");
});

Deno.test("nobody deletes, retries or resumes a held run by the way", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(defined("release: manual"), file(50, 2)));
  await assert.rejects(tryRetry(shop, run.id), Refused);
  await assert.rejects(
    deleteRun(shop.ledger, run.id),
    Refused,
  );
  assert.equal((await requireRun(shop.ledger, run.id)).status, "held");
});

Deno.test("if more rows fail than when it was held, it is held again", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(defined("release: manual"), file(50, 2)));
  await shop.session.query("alter table t add check (n <> 30)");
  await release(shop, run);
  const again = await shop.drive(run);
  assert.equal(again.status, "held");
  assert.deepEqual(again.held!.because, [
    "Of its rows, 3 fail now, and when it was held 2.",
  ]);
  assert.equal(await count(shop.session, "t"), 0);
  await release(shop, run);
  assert.equal((await shop.drive(run)).status, "completed_with_errors");
  assert.equal(await count(shop.session, "t"), 47);
});

Deno.test("a run whose file has changed while it was held isn't released", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(defined("release: manual"), file(50)));
  await Deno.writeTextFile(shop.file, file(51));
  await assert.rejects(release(shop, run), (error) => {
    assert.ok(error instanceof SourceError);
    assert.match(error.message, /^Cannot release run 1: /u);
    return true;
  });
  assert.equal((await requireRun(shop.ledger, run.id)).status, "held");
});

Deno.test("conditions are checked when the definition is read, and need transaction: run", () => {
  const problems = (options: string) => {
    const parsed = parseDefinition(`table: t\noptions: {${options}}\n`, "t.yaml");
    return "problems" in parsed ? parsed.problems.map(({ message }) => message).join("\n") : "";
  };
  assert.equal(problems("transaction: run, hold_if: failed > 2%"), "");
  assert.equal(problems('transaction: run, hold_if: ["rows < 10", "updated unusual"]'), "");
  for (const wrong of ["failed", "failed > 101%", "rows > 5%", "nulls > 5", "failed = 2", "-1"]) {
    assert.match(problems(`transaction: run, hold_if: "${wrong}"`), /a condition such as/u, wrong);
  }
  assert.match(problems("release: manual"), /transaction: run beside it/u);
  assert.match(problems("hold_if: failed > 2%"), /transaction: run beside it/u);
});

Deno.test("a retry of rows that were set aside is held, too, and marks them when it is released", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(defined("release: manual"), file(50, 2)));
  await release(shop, run);
  await shop.drive(run);
  await shop.session.query("alter table t drop constraint t_n_check");
  const made = await tryRetry(shop, run.id);
  assert.ok(made.made);
  const held = await shop.drive(made.run);
  assert.equal(held.status, "held");
  assert.equal(await unresolved(shop, run.id), 2);
  assert.equal(await count(shop.session, "t"), 48);
  await release(shop, held);
  assert.equal((await shop.drive(held)).status, "completed");
  assert.equal(await unresolved(shop, run.id), 0);
  assert.equal(await count(shop.session, "t"), 50);
});

const NOTES =
  "create table notes (id int primary key, n numeric, note text, at date, odd int4range);";

function noted(gate: string, more = ""): string {
  return `
table: notes
key: id
on_duplicate: update
options: { transaction: run, batch_rows: 3, hold_if: ['${gate}'] }
columns:
  id: { type: integer }
  n: {}
  note: { transform: [{ replace: { pattern: "^-$", with: "" } }] }
  at: {}
${more}`;
}

const NOTE_ROWS = "id,n,note,at\n1,1,a,2024-01-01\n2,,-,\n3,3,,2024-01-01\n4,1e3,d,\n5,5,-,\n";

for (const [format, more] of [["binary", ""], ["text", "  odd: { value: '[1,2)' }\n"]] as const) {
  Deno.test(`missing values are counted as the table gets them (COPY's ${format} format)`, async () => {
    await using shop = await workshop(NOTES);
    for (
      const [gate, now] of [["null n > 0", 1], ["null note > 0", 3], ["null at > 0", 3]] as const
    ) {
      const held = await shop.drive(await shop.create(noted(gate, more), NOTE_ROWS));
      assert.equal(held.status, "held", held.error?.message);
      assert.deepEqual(held.held!.because, [`${gate}: it is ${now}.`]);
      const dry = await shop.drive(
        await shop.create(noted(gate, more), NOTE_ROWS, { dryRun: true }),
      );
      assert.match(
        dry.warnings.join(" "),
        new RegExp(`would be held .*${gate}: it is ${now}`, "u"),
      );
    }
    const loaded = await shop.drive(await shop.create(noted("null note > 3", more), NOTE_ROWS));
    assert.equal(loaded.status, "completed");
    const [{ nulls }] = await shop.session.query<{ nulls: unknown }>(
      "select nulls from ingest.runs where id = $1",
      [loaded.id],
    );
    assert.deepEqual(nulls, { note: 3 });
  });
}

Deno.test("a column that the file lacks has no value in any row, and one that the table lacks is refused", async () => {
  await using shop = await workshop(NOTES);
  const held = await shop.drive(
    await shop.create(noted("null note > 50%"), "id,n,at\n1,1,\n2,2,\n"),
  );
  assert.deepEqual(held.held?.because, ["null note > 50%: it is 2 of 2 rows."]);
  await assert.rejects(
    shop.create(noted("null nte > 50%"), NOTE_ROWS),
    /options\.hold_if: notes has no column "nte"; did you mean "note"\?/u,
  );
  await assert.rejects(
    shop.create(noted("null odd > 50%"), NOTE_ROWS),
    /odd is never filled, so its missing values say nothing/u,
  );
});

Deno.test("a share of missing values far from that of the last runs holds a run", async () => {
  await using shop = await workshop(NOTES);
  const yaml = noted("null n unusual");
  const rows = (nulls: number) =>
    `id,n,note,at\n${
      Array.from({ length: 10 }, (_, i) => `${i},${i < nulls ? "" : i},,`).join("\n")
    }\n`;
  for (const nulls of [1, 1, 2]) {
    const run = await shop.drive(await shop.create(yaml, rows(nulls)));
    assert.equal(run.status, "completed", run.error?.message);
  }
  const held = await shop.drive(await shop.create(yaml, rows(6)));
  assert.deepEqual(held.held?.because, [
    "null n unusual: it is 60.0%, and in the last 3 runs it was between 10.0% and 20.0%.",
  ]);
  await release(shop, held);
  assert.equal((await shop.drive(held)).status, "completed");
});
