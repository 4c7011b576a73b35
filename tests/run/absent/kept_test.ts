/** When rows that the file doesn't have stay as they are, in spite of `on_absent`. */
import assert from "node:assert/strict";
import { releaseHeld } from "../../../src/run/request/release.ts";
import { SourceError } from "../../../src/source/error.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";

const TABLE = `create table t (id int primary key, n int check (n < 1000));
  insert into t select i, i from generate_series(1, 10) i;`;

function defined(options = "", more = ""): string {
  return `table: t\nkey: id\non_duplicate: update\non_absent: delete\n${more}\n` +
    `options: {transaction: run, max_absent: 50%, ${options}}\n`;
}

function file(...rows: readonly (readonly [number, number])[]): string {
  return `id,n\n${rows.map((row) => `${row.join(",")}\n`).join("")}`;
}

const UP_TO_8 = Array.from({ length: 8 }, (_, i) => [i + 1, i + 1] as const);

function absentLeft({ session }: Workshop): Promise<number> {
  return count(session, "t where id > 8");
}

Deno.test("if a row fails, nothing is loaded, and nothing deleted", async () => {
  await using shop = await workshop(TABLE);
  const run = await shop.drive(await shop.create(defined(), file(...UP_TO_8, [11, 5000])));
  assert.equal(run.error?.code, "rows_failed");
  assert.equal(run.absent, null);
  assert.equal(await count(shop.session, "t"), 10);
});

Deno.test("where failed rows are set aside, absent rows stay, also when the rows are retried", async () => {
  await using shop = await workshop(TABLE);
  const held = await shop.drive(
    await shop.create(defined("release: manual"), file(...UP_TO_8, [11, 5000])),
  );
  assert.equal(held.status, "held");
  await releaseHeld(shop.ledger, held.id, null, "command");
  const run = await shop.drive(held);
  assert.equal(run.status, "completed_with_errors");
  assert.equal(run.absent, null);
  assert.ok(run.warnings.some((text) => text.includes("left as they are, because 1 row of it")));
  assert.equal(await absentLeft(shop), 2);
  await shop.session.query("alter table t drop constraint t_n_check");
  const again = await retry(shop, run.id);
  assert.equal(again.held?.absent, undefined);
  await releaseHeld(shop.ledger, again.id, null, "command");
  assert.equal((await shop.drive(again)).status, "completed");
  assert.equal(await count(shop.session, "t"), 11);
});

Deno.test("a row that a trigger keeps stays, and a warning says so", async () => {
  await using shop = await workshop(
    `${TABLE} create function keep() returns trigger language plpgsql as
       $$ begin if old.id = 9 then return null; end if; return old; end $$;
     create trigger keep before delete on t for each row execute function keep()`,
  );
  const run = await shop.drive(await shop.create(defined(), file(...UP_TO_8)));
  assert.equal(run.status, "completed");
  assert.deepEqual(run.absent, { in_scope: 10, absent: 2, deleted: 1 });
  assert.ok(run.warnings.some((text) => text.includes("1 row that the file doesn't have was not")));
  assert.equal(await absentLeft(shop), 1);
});

Deno.test("a row that a trigger doesn't let be marked stays, and a warning says so", async () => {
  await using shop = await workshop(
    `${TABLE} alter table t add gone date;
     create function keep() returns trigger language plpgsql as
       $$ begin if old.id = 9 then return null; end if; return new; end $$;
     create trigger keep before update on t for each row execute function keep()`,
  );
  const yaml = defined("", "columns: {id: id, n: n}")
    .replace("on_absent: delete", "on_absent: {mark: {column: gone, value: now}}");
  const run = await shop.drive(await shop.create(yaml, file(...UP_TO_8)));
  assert.deepEqual(run.absent, { in_scope: 10, absent: 2, marked: 1 });
  assert.match(run.warnings.join(), /1 row that the file doesn't have was not marked: a trigger/u);
  assert.equal(await count(shop.session, "t where gone is not null"), 1);
});

Deno.test("a file in which all keys are written in another case is held, and nothing is deleted", async () => {
  await using shop = await workshop(
    "create table t (id text primary key, n int); insert into t values ('A', 1), ('B', 1)",
  );
  const run = await shop.drive(await shop.create(defined(), "id,n\na,1\nb,1\n"));
  assert.deepEqual(run.held?.because, [
    "2 of 2 rows of t are not in the file (100.0%): max_absent is 50%.",
  ]);
  assert.equal(await count(shop.session, "t"), 2);
});

Deno.test("a file of failed rows is refused", async () => {
  await using shop = await workshop(TABLE);
  await assert.rejects(
    shop.create(defined(), "_error_message,id,n,_row_number,_run_id\nx,1,1,1,1\n"),
    (error) => error instanceof SourceError && error.message.includes("a file of failed rows"),
  );
  assert.equal(await count(shop.session, "t"), 10);
});

Deno.test("of two runs at once, the second looks when the first has ended", async () => {
  await using shop = await workshop(TABLE);
  // In another encoding, so that each run has a copy of its own.
  const text = Uint16Array.from(`\ufeff${file(...UP_TO_8)}`, (letter) => letter.charCodeAt(0));
  const bytes = new Uint8Array(text.buffer);
  const first = await shop.create(defined(), bytes);
  const second = await shop.create(defined(), bytes);
  const ended = await Promise.all([shop.drive(first), shop.drive(second)]);
  assert.deepEqual(ended.map(({ status, error }) => error?.message ?? status), [
    "completed",
    "completed",
  ]);
  // Whoever comes first.
  const deleted = ended.map(({ absent }) => absent!.deleted!);
  assert.deepEqual(deleted.sort(), [0, 2]);
  assert.deepEqual(ended.map(({ absent }) => absent!.in_scope).sort(), [10, 8]);
  assert.equal(await absentLeft(shop), 0);
});

Deno.test("of a partitioned table, rows of all partitions are looked for", async () => {
  await using shop = await workshop(
    `create table t (id int primary key, n int) partition by range (id);
     create table t1 partition of t for values from (0) to (6);
     create table t2 partition of t for values from (6) to (100);
     insert into t select i, i from generate_series(1, 10) i`,
  );
  const run = await shop.drive(
    await shop.create(defined(), file([2, 2], [3, 3], [4, 4], [7, 7], [8, 8], [9, 9])),
  );
  assert.equal(run.status, "completed", JSON.stringify(run.error));
  assert.deepEqual(run.absent, { in_scope: 10, absent: 4, deleted: 4 });
  assert.equal(await count(shop.session, "t where id in (1, 5, 6, 10)"), 0);
});
