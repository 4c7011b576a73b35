import assert from "node:assert/strict";
import { listKnownRuns } from "../../src/ledger/runs/known_names.ts";
import { workshop } from "../run/importing.ts";

Deno.test("runs are found by the first digits of their numbers, the latest first", async () => {
  await using shop = await workshop("create table t (id int)");
  const run = await shop.create("table: t\n", "id\n1\n");
  await shop.drive(run);
  const { session } = shop.ledger;
  // Only the number is another one.
  await session.execute(
    `insert into ingest.runs overriding system value select (r).* from (
       select jsonb_populate_record(r, jsonb_build_object('id', n, 'fingerprint', null)) as r
       from ingest.runs r, generate_series(2, 1300) n where r.id = ${run.id}) copies`,
  );
  await session.execute(
    "update ingest.runs set status = 'pending', completed_at = null where id in (7, 712)",
  );
  const find = async (digits: string, statuses: Parameters<typeof listKnownRuns>[2] = null) =>
    (await listKnownRuns(shop.ledger, digits, statuses, 5)).map(({ id }) => id);
  assert.deepEqual(await find(""), [1300, 1299, 1298, 1297, 1296]);
  assert.deepEqual(await find("71"), [719, 718, 717, 716, 715]);
  assert.deepEqual(await find("130"), [1300, 130]);
  assert.deepEqual(await find("7", ["pending"]), [712, 7]);
  assert.deepEqual(await find("1", ["pending", "completed"]), [1300, 1299, 1298, 1297, 1296]);
  assert.deepEqual(await find("0"), []);
  assert.deepEqual(await find("9".repeat(19)), []);
});
