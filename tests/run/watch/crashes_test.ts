/** Machines that stop in the middle, and several that watch the same folder. */
import assert from "node:assert/strict";
import { folders, type Machine } from "./folders.ts";

const STEPS = ["claim", "copy", "create", "commit", "reserve", "move", "end"];

for (const step of STEPS) {
  Deno.test(`a machine that freezes before "${step}" loses and doubles nothing, also if it wakes`, async () => {
    await using world = await folders();
    const frozen = Promise.withResolvers<void>();
    const thaw = Promise.withResolvers<void>();
    const one = world.machine("one", async (now) => {
      if (now !== step) return;
      frozen.resolve();
      await thaw.promise;
    });
    const two = world.machine("two");
    await world.write("a.csv", "id\n1\n2\n");
    await one.look();
    const isMoving = ["reserve", "move", "end"].includes(step);
    if (isMoving) {
      await one.look();
      await world.drive();
    }
    const stuck = one.look().catch((error) => error);
    await frozen.promise;
    // The transaction that creates the run is open: Postgres ends it.
    if (step === "commit") {
      await world.database.admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'one'",
      );
    }
    await world.passTime();
    await settle(two, world);
    thaw.resolve();
    await stuck;
    await world.passTime();
    await settle(two, world);
    await settle(one, world);
    assert.deepEqual(await world.files(), ["done/a.csv"]);
    assert.deepEqual(await world.rows(), [1, 2]);
    assert.equal(await world.runs(), 1);
  });
}

async function settle(machine: Machine, world: Awaited<ReturnType<typeof folders>>) {
  await machine.look();
  await machine.look();
  await world.drive();
  await machine.look();
}

Deno.test("machines that watch the same folder load each file once", async () => {
  await using world = await folders();
  const machines = ["one", "two", "three"].map((host) => world.machine(host));
  const ids = Array.from({ length: 30 }, (_, i) => i);
  for (const id of ids) await world.write(`${id}.csv`, `id\n${id}\n`);
  const lookAll = () => Promise.all(machines.map((machine) => machine.look()));
  await lookAll();
  await lookAll();
  await world.drive();
  await lookAll();
  await lookAll();
  assert.deepEqual(await world.rows(), ids);
  assert.equal(await world.runs(), ids.length);
  assert.deepEqual(await world.files(), ids.map((id) => `done/${id}.csv`).sort());
});

Deno.test("a file that another machine has just moved isn't taken, even if it can still be seen", async () => {
  await using world = await folders();
  const [one, two] = [world.machine("one"), world.machine("two")];
  await world.write("a.csv", "id\n1\n");
  const { mtime } = await Deno.stat(`${world.folder}/in/a.csv`);
  await one.look();
  await one.look();
  await world.drive();
  await one.look();
  await world.write("a.csv", "id\n1\n");
  await Deno.utime(`${world.folder}/in/a.csv`, mtime!, mtime!);
  await two.look();
  await two.look();
  assert.equal(await world.runs(), 1);
  // After a while it is clear that somebody has put it there again.
  await world.passTime();
  await two.look();
  await world.drive();
  assert.deepEqual(await world.rows(), [1, 1]);
});
