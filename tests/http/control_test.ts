import assert from "node:assert/strict";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { Session } from "../../src/db/session.ts";
import {
  customers,
  outcome,
  sendJson,
  servingCustomers,
  TWO_BAD,
  upload,
  uploadAndDrive,
} from "./customer_runs.ts";
import { until } from "../support/until.ts";

Deno.test("a pending run is cancelled; a second request changes nothing; a finished run says 409", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  for (let n = 0; n < 2; n++) {
    const { status, body } = await api.ask(`/${id}/cancel`, { method: "POST" });
    assert.equal(status, 200);
    assert.equal(body.message, "Cancellation request sent.");
    assert.equal(body.data.status, "cancelled");
    assert.equal(body.data.is_terminal, true);
    assert.notEqual(body.data.cancel_requested_at, null);
  }
  const done = await uploadAndDrive(api, customers(3));
  for (const body of [{}, { now: true }]) {
    const refused = await api.ask(`/${done}/cancel`, sendJson(body));
    assert.equal(outcome(refused), "409 conflict");
    assert.equal(refused.body.message, `Cannot cancel run ${done}: it is already completed.`);
  }
});

Deno.test("cancelling with now ends a run whose batch waits for a lock", async () => {
  await using api = await servingCustomers({ workers: true });
  await using holder = await Session.open(api.database.config);
  await holder.execute("begin");
  await holder.execute("insert into customers values ('u0@example.com', 'Somebody', 1)");
  const id = await upload(api, customers(3));
  await untilBlocked(api.database.session);
  const gently = await api.ask(`/${id}/cancel`, { method: "POST" });
  assert.equal(gently.body.data.status, "cancelling");
  const { status, body } = await api.ask(`/${id}/cancel`, sendJson({ now: true }));
  assert.equal(status, 200);
  assert.equal(body.data.status, "cancelled");
  assert.deepEqual([body.data.progress.processed, body.data.progress.untried], [0, 3]);
  assert.equal(body.data.cancel_requested_by, "local");
  const told = (await api.ask(`/${id}/timeline`)).body.data;
  const seen = told.map((event: Record<string, string>) => [event.type, event.actor, event.text])
    .filter(([type]: [string]) => type.startsWith("cancel"));
  assert.deepEqual(seen, [
    ["cancel requested", "local", "over the API"],
    ["cancel now requested", "local", "over the API, batches in progress are rolled back"],
    ["cancelled", null, "3 never tried"],
  ]);
  await holder.execute("commit");
  const [{ count }] = await api.database.session.query<{ count: number }>(
    "select count(*)::int as count from customers",
  );
  assert.equal(count, 1);
});

/** Until a batch waits for a lock. */
function untilBlocked(session: Session): Promise<void> {
  return until(
    session,
    `exists (select from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock')`,
  );
}

Deno.test("a cancelled run is resumed and loads all of its file", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await api.ask(`/${id}/cancel`, { method: "POST" });
  const { status, body } = await api.ask(`/${id}/resume`, { method: "POST" });
  assert.equal(status, 202);
  assert.equal(body.data.is_terminal, false);
  await api.drive(id);
  const shown = (await api.ask(`/${id}`)).body.data;
  assert.deepEqual([shown.status, shown.progress.created], ["completed", 3]);
  const again = await api.ask(`/${id}/resume`, { method: "POST" });
  assert.equal(outcome(again), "409 conflict");
  assert.equal(
    again.body.message,
    `Cannot resume run ${id}: it is completed. Nothing is left to do.`,
  );
});

Deno.test("resuming takes another max_errors: a number, a percentage, or none", async () => {
  await using api = await servingCustomers({
    importers: {
      strict: "table: customers\nkey: [email]\noptions: { max_errors: 0, batch_rows: 1 }\n",
    },
  });
  const id = await uploadAndDrive(api, TWO_BAD, "strict");
  const status = async () => (await api.ask(`/${id}?rows=0`)).body.data.status;
  assert.equal(await status(), "failed");
  const limits: [unknown, unknown][] = [
    [1, { rows: 1 }],
    ["1", { rows: 1 }],
    ["10%", { percent: 10 }],
    [null, null],
  ];
  for (const [max_errors, expected] of limits) {
    const resumed = await api.ask(`/${id}/resume`, sendJson({ max_errors }));
    assert.equal(resumed.status, 202, JSON.stringify(resumed.body));
    const { definition } = await requireRun(api.ledger, id);
    assert.deepEqual(definition.options.max_errors, expected);
    if (max_errors !== null) await api.ask(`/${id}/cancel`, { method: "POST" });
  }
  await api.drive(id);
  assert.equal(await status(), "completed_with_errors");
});

Deno.test("an invalid max_errors is refused, and the run stays unchanged", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await api.ask(`/${id}/cancel`, { method: "POST" });
  for (const max_errors of [-1, 1.5, 1e20, "101%", "many", "", true, [], {}]) {
    const { status, body } = await api.ask(`/${id}/resume`, sendJson({ max_errors }));
    assert.equal(status, 422, JSON.stringify(max_errors));
    assert.deepEqual(body.errors, {
      max_errors: ["expected a number of rows, or a percentage such as 10%"],
    });
  }
  assert.equal((await api.ask(`/${id}`)).body.data.status, "cancelled");
});

Deno.test("max_errors can't be changed while a run has not stopped", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  const refused = await api.ask(`/${id}/resume`, sendJson({ max_errors: 5 }));
  assert.equal(outcome(refused), "409 conflict");
  assert.equal((await api.ask(`/${id}/resume`, { method: "POST" })).status, 202);
});
