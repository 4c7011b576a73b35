import assert from "node:assert/strict";
import type { Session } from "../../../src/db/session.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { startRun } from "../../../src/ledger/runs/run_states.ts";
import { recordSourceTime, requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { planRun } from "../../../src/run/plan/plan_run.ts";
import { prepareRun } from "../../../src/run/prepare.ts";
import { Refused } from "../../../src/run/request/refuse/refused.ts";
import { reopenForResume } from "../../../src/run/request/resume.ts";
import { SourceError } from "../../../src/source/error.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { interrupt, type Interruption } from "../step_by_step.ts";

const TABLE = "create table items (id int primary key, v text)";
const BATCHES_OF_TEN = "table: items\noptions: { batch_rows: 10 }\n";

/** Lines of equal length: row n is on line n + 1. */
function items(rows: number): string {
  const lines = Array.from({ length: rows }, (_, i) => `${1000 + i},v${1000 + i}`);
  return `id,v\n${lines.join("\n")}\n`;
}

const BYTES_OF_A_LINE = "1000,v1000\n".length;
const BYTES_OF_A_BATCH = 10 * BYTES_OF_A_LINE;

/** A run that was cancelled after some of its batches were loaded. */
async function cancelledRun(
  shop: Workshop,
  file: string,
  how: Interruption & { readonly definition?: string },
): Promise<Run> {
  return await interrupt(shop, await shop.create(how.definition ?? BATCHES_OF_TEN, file), how);
}

/** Another file of the same name, with another time, as `cp` makes it. */
async function putBack(shop: Workshop, content: string): Promise<void> {
  const { mtime } = await Deno.stat(shop.file);
  await Deno.remove(shop.file);
  await Deno.writeTextFile(shop.file, content);
  const later = new Date(mtime!.getTime() + 5000);
  await Deno.utime(shop.file, later, later);
}

function resume({ ledger }: Workshop, run: Run): Promise<Run> {
  return reopenForResume(ledger, run.id, "tester", undefined);
}

async function assertRefused(shop: Workshop, run: Run, expected: RegExp): Promise<void> {
  await assert.rejects(resume(shop, run), (error) => {
    assert.ok(error instanceof SourceError, String(error));
    assert.match(error.message, expected);
    assert.match(error.message, /^Cannot resume run \d+: .* Put the file back as it was, or /);
    return true;
  });
  assert.deepEqual(await requireRun(shop.ledger, run.id), run);
}

function replaceAt(text: string, at: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + by.length);
}

/** The byte offset of row n, counted from 1. */
function offsetOf(row: number): number {
  return "id,v\n".length + (row - 1) * BYTES_OF_A_LINE;
}

Deno.test("a run whose file was put back by copying can be resumed, and has every row once", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 4 });
  assert.equal(await count(shop.session, "items"), 40);
  await putBack(shop, items(100));
  const resumed = await resume(shop, run);
  assert.equal(resumed.status, "processing");
  assert.equal(resumed.source.mtime, (await Deno.stat(shop.file)).mtime!.getTime());
  assert.deepEqual({ ...resumed.source, mtime: run.source.mtime }, run.source);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "items"), 100);
});

Deno.test("a run that failed because its file changed can be resumed once the file is put back", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 2 });
  await resume(shop, run);
  await putBack(shop, items(100).toUpperCase());
  assert.equal((await shop.drive(run)).error?.code, "source");
  await putBack(shop, items(100));
  await resume(shop, run);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "items"), 100);
});

Deno.test("one byte changed in rows that are committed: refused, with their lines", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 4 });
  await putBack(shop, replaceAt(items(100), offsetOf(15), "9"));
  await assertRefused(shop, run, /data\.csv has changed .*: lines 12 to 21 differ\. /);
});

Deno.test("one byte changed in rows that are not loaded yet: refused, with their lines", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(95), { loaded: 4 });
  await putBack(shop, replaceAt(items(95), offsetOf(93), "9"));
  await assertRefused(shop, run, /: lines 92 to 96 differ\. /);
});

Deno.test("up to three places that differ are named, adjacent ones as one", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 4 });
  const spoiled = (...rows: number[]) =>
    rows.reduce((text, row) => replaceAt(text, offsetOf(row), "9"), items(100));
  await putBack(shop, spoiled(1, 11, 55));
  await assertRefused(shop, run, /: lines 2 to 21, 52 to 61 differ\. /);
  await putBack(shop, spoiled(1, 31, 51, 71, 91));
  await assertRefused(shop, run, /: lines 2 to 11, 32 to 41, 52 to 61 and others differ\. /);
});

Deno.test("a single line that differs is named as one line", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(11), { loaded: 1 });
  await putBack(shop, replaceAt(items(11), offsetOf(11), "9"));
  await assertRefused(shop, run, /: line 12 differs\. /);
});

Deno.test("all batches are compared, however many there are", async () => {
  await using shop = await workshop(TABLE);
  const definition = "table: items\noptions: { batch_rows: 2 }\n";
  const run = await cancelledRun(shop, items(4200), { loaded: 1, definition });
  assert.equal(await count(shop.session, "ingest.batches"), 2100);
  await putBack(shop, replaceAt(items(4200), offsetOf(4200), "9"));
  await assertRefused(shop, run, /: lines 4200 to 4201 differ\. /);
  await putBack(shop, items(4200));
  assert.equal((await resume(shop, run)).status, "processing");
});

Deno.test("a run can also be resumed in its second phase", async () => {
  await using shop = await workshop(TABLE);
  const definition = "table: items\nkey: id\non_duplicate: update\n";
  const file = items(30) + "1003,again\n";
  const run = await cancelledRun(shop, file, { loaded: 1, definition });
  assert.equal(await count(shop.session, "ingest.batches where phase = 2"), 1);
  await putBack(shop, file);
  await resume(shop, run);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "items where v = 'again'"), 1);
});

/** Something happens while the planned batches are listed. */
class Overtaken extends Ledger {
  constructor(session: Session, readonly happens: () => Promise<unknown>) {
    super(session, "ingest");
  }

  override async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
    if (text.includes("byte_end <=")) await this.happens();
    return await super.query<Row>(text, parameters);
  }
}

Deno.test("a file that is written to while it is compared is refused", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(30), { loaded: 1 });
  await putBack(shop, items(30));
  const ledger = new Overtaken(shop.session, () => putBack(shop, items(30)));
  await assert.rejects(reopenForResume(ledger, run.id, "tester", undefined), SourceError);
  assert.deepEqual(await requireRun(shop.ledger, run.id), run);
});

Deno.test("a row in place of empty lines is also found", async () => {
  await using shop = await workshop(TABLE);
  const definition = "table: items\noptions: { batch_rows: 10, batch_bytes: 100 }\n";
  const file = (lines: string) => items(9) + lines + "2000,last\n";
  const run = await cancelledRun(shop, file("\n".repeat(300)), { loaded: 1, definition });
  await putBack(shop, file("\n".repeat(300)));
  const reopened = await resume(shop, run);
  assert.equal((await shop.drive(reopened)).status, "completed");
  assert.equal(await count(shop.session, "items"), 10);

  const other = await cancelledRun(shop, file("\n".repeat(300)), { loaded: 0, definition });
  await putBack(shop, file("\n".repeat(150) + "3000,new\n" + "\n".repeat(141)));
  await assertRefused(shop, other, /: lines 2 to 211 differ\. /);
});

Deno.test("a file of another length is refused with both lengths", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 4 });
  await putBack(shop, items(99));
  await assertRefused(shop, run, /: it had 1105 bytes and now has 1094\. /);
  await putBack(shop, items(101));
  await assertRefused(shop, run, /: it had 1105 bytes and now has 1116\. /);
});

Deno.test("a file that is gone, or is now a folder, is reported as gone", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 4 });
  await Deno.remove(shop.file);
  await assertRefused(shop, run, /data\.csv is gone\. /);
  await Deno.mkdir(shop.file);
  await assertRefused(shop, run, /data\.csv is gone\. /);
});

Deno.test("another header over the same rows is refused", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 4 });
  await putBack(shop, items(100).replace("id,v", "v,id"));
  await assertRefused(shop, run, /: its header differs\. /);
});

Deno.test("if planning had not finished, the unread rest of the file may differ", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 1, stepBytes: 3 * BYTES_OF_A_BATCH });
  assert.equal(run.planned_rows, 30);
  await putBack(shop, replaceAt(items(100), offsetOf(30), "9"));
  await assertRefused(shop, run, /: lines 22 to 31 differ\. /);

  await putBack(shop, replaceAt(items(100), offsetOf(31), "5"));
  await resume(shop, run);
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(shop.session, "items"), 100);
  assert.equal(await count(shop.session, "items where id = 5030"), 1);
});

Deno.test("if planning had not finished, the length must still be the same", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 1, stepBytes: BYTES_OF_A_BATCH });
  await putBack(shop, items(120));
  await assertRefused(shop, run, /: it had 1105 bytes and now has 1325\. /);
});

/** Does something between a planner's first step and its second. */
class Interrupted extends Ledger {
  #transactions = 0;

  constructor(session: Session, readonly interrupt: () => Promise<unknown>) {
    super(session, "ingest");
  }

  override async transaction<T, Row extends object = never>(
    work: (rows: readonly Row[]) => Promise<T>,
    first?: string,
  ): Promise<T> {
    if (++this.#transactions === 2) await this.interrupt();
    return await super.transaction(work, first);
  }
}

Deno.test("an active planner uses the file that was put back for the rest of its plan", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await shop.create(BATCHES_OF_TEN, items(100));
  await startRun(ledger, run.id);
  const program = await prepareRun(session, run, "ingest");
  const interrupted = new Interrupted(session, async () => {
    await putBack(shop, replaceAt(items(100), offsetOf(31), "5"));
    await resume(shop, run);
  });
  const planned = await planRun(interrupted, program, { stepBytes: BYTES_OF_A_BATCH });
  assert.equal(planned, "planned");
  assert.equal((await shop.drive(run)).status, "completed");
  assert.equal(await count(session, "items where id = 5030"), 1);
});

Deno.test("a file that is replaced while it is planned, and not resumed, fails the run", async () => {
  await using shop = await workshop(TABLE);
  const { ledger, session } = shop;
  const run = await shop.create(BATCHES_OF_TEN, items(100));
  await startRun(ledger, run.id);
  const program = await prepareRun(session, run, "ingest");
  await putBack(shop, items(100));
  await assert.rejects(planRun(ledger, program), SourceError);
});

Deno.test("when two resume a run at the same time, one is refused", async () => {
  await using shop = await workshop(TABLE);
  const run = await cancelledRun(shop, items(100), { loaded: 1 });
  await putBack(shop, items(100));
  const recorded = (to: number) => recordSourceTime(shop.ledger, run.id, run.source.mtime, to);
  assert.deepEqual(await Promise.all([recorded(1000), recorded(2000)]), [true, false]);
  const both = await Promise.allSettled([resume(shop, run), resume(shop, run)]);
  const refused = both.filter((end) => end.status === "rejected");
  assert.deepEqual(refused.map(({ reason }) => reason.constructor), [Refused]);
});
