/** `GET /{id}/events` follows a run. */
import assert from "node:assert/strict";
import { customers, servingCustomers, TWO_BAD, upload, uploadAndDrive } from "../customer_runs.ts";
import type { Serving } from "../serving.ts";
import { revokeToken } from "../../../src/ledger/tokens.ts";
import { type Heard, streamLog, watch } from "./watching.ts";

const names = (heard: readonly Heard[]) => heard.map(({ event }) => event);
const statuses = (heard: readonly Heard[]) =>
  heard.filter(({ event }) => event === "status").map(({ data }) => data.status);

async function shown(api: Serving, id: number) {
  return (await api.ask(`/${id}?rows=0`)).body.data;
}

Deno.test("a watcher sees each status of a run, in order, and then the end", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, TWO_BAD);
  await using watching = await watch(api, `/${id}/events`);
  assert.equal(watching.status, 200);
  const first = await watching.next();
  assert.deepEqual([first.event, first.data], ["status", await shown(api, id)]);
  await api.drive(id);
  await watching.rest();
  assert.deepEqual(statuses(watching.heard), ["pending", "processing", "completed_with_errors"]);
  const [status, end] = watching.heard.filter(({ event }) => event !== "progress").slice(-2);
  assert.deepEqual([status.event, status.data], ["status", await shown(api, id)]);
  assert.deepEqual([end.event, end.data], ["end", {
    id,
    reason: "finished",
    message: `Run ${id} is completed with errors.`,
  }]);
  const { progress } = await shown(api, id);
  const last = watching.heard.findLast(({ event }) => event === "progress");
  assert.deepEqual({ ...last?.data, ...progress }, last?.data);
  assert.equal(last?.data.processed, 3);
});

Deno.test("a run that has ended is told at once, and never again to who has seen its end", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, customers(3));
  await using watching = await watch(api, `/${id}/events`);
  assert.deepEqual(names(await watching.rest()), ["status", "progress", "end"]);
  assert.deepEqual(watching.heard[0].data, await shown(api, id));
  const lastEventId = watching.heard[2].id;
  await using again = await watch(api, `/${id}/events`, { lastEventId });
  assert.equal(again.status, 204);
  // Any other id is that of somebody who has not seen the end.
  for (const lastEventId of [watching.heard[0].id, watching.heard[1].id, "1-end", "nonsense", ""]) {
    await using other = await watch(api, `/${id}/events`, { lastEventId });
    const missed = lastEventId === "1-end" ? ["status", "status"] : ["status"];
    assert.deepEqual(names(await other.rest()), [...missed, "progress", "end"], lastEventId);
  }
});

Deno.test("a client that comes back gets the statuses that it missed, and where the run stands", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  const lastEventId = await (async () => {
    await using watching = await watch(api, `/${id}/events`);
    return (await watching.until("progress")).id;
  })();
  await api.ask(`/${id}/cancel`, { method: "POST" });
  await api.ask(`/${id}/resume`, { method: "POST" });
  await using again = await watch(api, `/${id}/events`, { lastEventId });
  await again.until("progress");
  assert.deepEqual(statuses(again.heard), ["cancelling", "cancelled", "pending"]);
  const [cancelling, cancelled, pending] = again.heard;
  assert.equal(cancelling.data.is_terminal, false);
  assert.equal(cancelling.data.completed_at, null);
  assert.equal(cancelled.data.is_terminal, true);
  assert.deepEqual(pending.data, await shown(api, id));
  // Who has seen the end of a run that was resumed since has more to see.
  const ended = cancelled.id.replace("cancelled", "end");
  await using resumed = await watch(api, `/${id}/events`, { lastEventId: ended });
  assert.deepEqual((await resumed.next()).data.status, "pending");
});

Deno.test("a cancel is told, with who asked for it", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await using watching = await watch(api, `/${id}/events`);
  await watching.until("status");
  await api.ask(`/${id}/cancel`, { method: "POST" });
  await watching.rest();
  assert.deepEqual(statuses(watching.heard), ["pending", "cancelling", "cancelled"]);
  const last = watching.heard.findLast(({ event }) => event === "status");
  assert.deepEqual(last?.data, await shown(api, id));
  assert.equal(last?.data.cancel_requested_by, "local");
});

Deno.test("when a run is deleted, its watchers are told, and find nothing when they come back", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await using watching = await watch(api, `/${id}/events`);
  await watching.until("progress");
  await api.ledger.execute("delete from ingest.runs where id = $1", [id]);
  const [end] = (await watching.rest()).slice(-1);
  assert.deepEqual([end.event, end.data], [
    "end",
    { id, reason: "deleted", message: `Run ${id} was deleted.` },
  ]);
  await using again = await watch(api, `/${id}/events`, { lastEventId: end.id });
  assert.equal(again.status, 404);
});

Deno.test("a stream ends when its token is revoked or expires, or when tokens are needed", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  await using open = await watch(api, `/${id}/events`);
  await open.until("progress");
  const revoked = await api.token("read", { name: "revoked" });
  const expired = await api.token("read", { name: "expired" });
  const valid = await api.token("read");
  const ending = (await open.rest()).slice(-1)[0];
  assert.deepEqual([ending.event, ending.data.reason], ["end", "unauthorized"]);
  await using first = await watch(api, `/${id}/events`, { token: revoked });
  await using second = await watch(api, `/${id}/events`, { token: expired });
  await using third = await watch(api, `/${id}/events`, { token: valid });
  await Promise.all([first, second, third].map((watching) => watching.until("progress")));
  await revokeToken(api.ledger, "revoked");
  await api.ledger.execute("update ingest.tokens set expires_at = now() where name = 'expired'");
  for (const watching of [first, second]) {
    const [end] = (await watching.rest()).slice(-1);
    assert.deepEqual([end.event, end.data.reason], ["end", "unauthorized"]);
  }
  await using again = await watch(api, `/${id}/events`, { token: revoked });
  assert.equal(again.status, 401);
  await api.drive(id);
  assert.equal((await third.rest()).slice(-1)[0].data.reason, "finished");
});

Deno.test("a stream is logged when it ends, and a client that hangs up leaves nothing behind", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  const path = `/api/v1/ingest/${id}/events`;
  await using staying = await watch(api, `/${id}/events`);
  await staying.until("progress");
  await (async () => {
    await using leaving = await watch(api, `/${id}/events`);
    await leaving.until("progress");
  })();
  const gone = await streamLog(api, path);
  assert.deepEqual([gone.status, gone.end, gone.token], [200, "gone", "local"]);
  assert.ok(Number(gone.bytes) > 500);
  // To HEAD nothing is sent, so nobody would notice its end.
  const head = await api.fetch(`/${id}/events`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.deepEqual((await streamLog(api, path, 1)).end, undefined);
  await api.drive(id);
  await staying.rest();
  assert.equal((await streamLog(api, path, 2)).end, "finished");
});

Deno.test("nobody keeps the answer, and nothing on the way collects its events", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, customers(3));
  await using watching = await watch(api, `/${id}/events`);
  const { headers } = watching;
  assert.equal(headers.get("content-type"), "text/event-stream");
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("x-accel-buffering"), "no");
  assert.equal(headers.get("content-encoding"), null);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});
