/** `GET /events` follows the list of runs. */
import assert from "node:assert/strict";
import { revokeToken } from "../../../src/ledger/tokens.ts";
import { customers, servingCustomers, TWO_BAD, upload, uploadAndDrive } from "../customer_runs.ts";
import { watch } from "./watching.ts";

const ids = (runs: readonly { readonly id: number }[]) => runs.map(({ id }) => id);

Deno.test("a watcher of the list gets it as it is, and then what is new or has changed", async () => {
  await using api = await servingCustomers();
  const first = await uploadAndDrive(api, TWO_BAD);
  await using watching = await watch(api, "/events");
  const { event, data } = await watching.next();
  const list = (await api.ask("")).body;
  assert.deepEqual([event, data], ["runs", { data: list.data, gone: [], meta: list.meta }]);
  const second = await upload(api, customers(3));
  const created = await watching.until("changed");
  assert.deepEqual(ids(created.data.data), [second]);
  assert.equal(created.data.data[0].status, "pending");
  await api.drive(second);
  const done = await watching.until("changed", ({ data: [run] }) => run.status === "completed");
  assert.deepEqual(done.data.data, (await api.ask(`?limit=1`)).body.data);
  // A retry changes what is left of the run that it retries.
  const { body } = await api.ask(`/${first}/retry`, { method: "POST" });
  await watching.until(
    "changed",
    ({ data }) => ids(data).includes(body.data.id) && ids(data).includes(first),
  );
});

Deno.test("a list tells only what its filter takes, and what no longer belongs to it", async () => {
  await using api = await servingCustomers();
  const other = await upload(api, customers(1), "everything");
  const id = await upload(api, customers(3));
  await using watching = await watch(api, "/events?importer=customers&status=pending&limit=5");
  const { data } = await watching.next();
  assert.deepEqual([ids(data.data), data.meta.limit], [[id], 5]);
  await api.drive(other);
  await api.drive(id);
  const changed = await watching.next();
  assert.deepEqual([changed.event, changed.data], ["changed", { data: [], gone: [id] }]);
});

Deno.test("a list tells which runs were deleted", async () => {
  await using api = await servingCustomers();
  const kept = await uploadAndDrive(api, customers(1));
  const id = await uploadAndDrive(api, customers(2));
  await using watching = await watch(api, "/events");
  assert.deepEqual(ids((await watching.next()).data.data), [id, kept]);
  assert.equal((await api.ask(`/${id}`, { method: "DELETE" })).status, 204);
  const { data } = await watching.until("changed", ({ gone }) => gone.length > 0);
  assert.deepEqual(data, { data: [], gone: [id] });
});

Deno.test("a limited token follows its own importers, and learns nothing of others", async () => {
  await using api = await servingCustomers();
  await api.token("admin");
  const token = await api.token("run", { name: "ours", importers: ["customers"] });
  const admin = await api.token("admin");
  const start = async (importer: string, by: string) => {
    const answer = await api.ask(`/upload/${importer}`, {
      ...{ method: "POST", token: by, body: customers(2) },
      headers: { "content-type": "text/csv" },
    });
    return answer.body.data.id;
  };
  const theirs = await start("everything", admin);
  await using all = await watch(api, "/events", { token: admin });
  await using own = await watch(api, "/events", { token });
  assert.deepEqual(ids((await all.next()).data.data), [theirs]);
  assert.deepEqual((await own.next()).data.data, []);
  const later = await start("everything", admin);
  const ours = await start("customers", token);
  await all.until("changed", ({ data }) => ids(data).includes(later));
  assert.deepEqual(ids((await own.until("changed")).data.data), [ours]);
  assert.equal((await api.ask("/events?importer=everything", { token })).status, 403);
  assert.equal((await api.ask(`/${theirs}/events`, { token })).status, 404);
  await revokeToken(api.ledger, "ours");
  const [end] = (await own.rest()).slice(-1);
  assert.deepEqual([end.event, end.data.reason], ["end", "unauthorized"]);
});
