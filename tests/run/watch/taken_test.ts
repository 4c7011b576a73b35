/** Which files of a watched folder are loaded, when, and where they go. */
import assert from "node:assert/strict";
import { runReport } from "../../../src/report/run_report.ts";
import { folders, SETTLE, warnings } from "./folders.ts";

Deno.test("a file is taken once it hasn't changed for a while, and moved when it is loaded", async () => {
  await using world = await folders();
  const machine = world.machine("one");
  await world.write("a.csv", "id\n1\n");
  await machine.look();
  await world.write("a.csv", "id\n1\n2\n");
  await machine.look();
  await machine.look(SETTLE - 1);
  assert.equal(await world.runs(), 0);
  await machine.look(1);
  assert.equal(await world.runs(), 1);
  await machine.look();
  assert.deepEqual(await world.files(), ["in/a.csv"]);
  await world.drive();
  await machine.look();
  assert.deepEqual(await world.files(), ["done/a.csv"]);
  assert.deepEqual(await world.rows(), [1, 2]);
  assert.deepEqual(warnings(machine), []);
  const { watched_file } = await runReport(world.ledger, 1, { rows: 0, withPlace: true });
  assert.deepEqual(watched_file, { name: "a.csv", moved_to: "done/a.csv", message: null });
});

Deno.test("a new file of the same name, and the same bytes under another one, are loaded again", async () => {
  await using world = await folders();
  const machine = world.machine("one");
  for (const name of ["a.csv", "a.csv", "b.csv"]) {
    await world.write(name, "id\n1\n");
    await machine.look();
    await machine.look();
    await world.drive();
    await machine.look();
  }
  assert.deepEqual(await world.files(), ["done/a-2.csv", "done/a.csv", "done/b.csv"]);
  assert.deepEqual(await world.rows(), [1, 1, 1]);
});

Deno.test("a file with wrong rows, and one that can't be read, are failed, each with the reason", async () => {
  await using world = await folders();
  const machine = world.machine("one");
  await world.write("rows.csv", "id\n1\nx\n");
  await world.write("header.csv", "name\nx\n");
  await world.write("empty.csv", "");
  await machine.look();
  await machine.look();
  await world.drive();
  await machine.look();
  assert.deepEqual(await world.files(), [
    "failed/empty.csv",
    "failed/empty.csv.errors.txt",
    "failed/header.csv",
    "failed/header.csv.errors.txt",
    "failed/rows.csv",
    "failed/rows.csv.errors.csv",
  ]);
  const read = (name: string) => Deno.readTextFile(`${world.folder}/failed/${name}`);
  assert.match(await read("header.csv.errors.txt"), /No column of the file/u);
  assert.equal(await read("rows.csv.errors.csv"), "rows of run 1");
  assert.deepEqual(await world.rows(), [1]);
});

Deno.test("unfinished and hidden files, folders, and what is in done/ are left alone", async () => {
  await using world = await folders("", "in/**");
  await Deno.remove(`${world.folder}/in`, { recursive: true });
  await Deno.mkdir(`${world.folder}/in/deep`, { recursive: true });
  const machine = world.machine("one");
  const left = [".hidden.csv", "a.csv.part", "b.csv.filepart", "c.csv~", "d.crdownload", "e.tmp"];
  for (const name of left) await world.write(name, "id\n1\n");
  await world.write("deep/taken.csv", "id\n7\n");
  await machine.look();
  await machine.look();
  await world.drive();
  await machine.look();
  await machine.look();
  assert.deepEqual(await world.rows(), [7]);
  const expected = [...left.map((name) => `in/${name}`), "done/taken.csv"].sort();
  assert.deepEqual(await world.files(), expected);
});

Deno.test("with a marker, a file is taken when the marker is there, and not before", async () => {
  await using world = await folders('  ready: "*.ok"\n', "in/*");
  const machine = world.machine("one");
  await world.write("a.csv", "id\n1\n");
  await machine.look();
  await machine.look();
  assert.equal(await world.runs(), 0);
  await world.write("a.csv.ok", "");
  await machine.look(0);
  assert.equal(await world.runs(), 1);
  await world.drive();
  await machine.look();
  assert.deepEqual(await world.files(), ["done/a.csv"]);
});

Deno.test("a file that is replaced while it is copied is loaded as it is in the end", async () => {
  await using world = await folders();
  let once = true;
  const machine = world.machine("one", async (step) => {
    if (step !== "create" || !once) return;
    once = false;
    // Too late for this copy: it is what lay there when it was taken.
    await Deno.writeTextFile(`${world.folder}/in/.new`, "id\n2\n3\n");
    await Deno.rename(`${world.folder}/in/.new`, `${world.folder}/in/a.csv`);
  });
  await world.write("a.csv", "id\n1\n");
  await machine.look();
  await machine.look();
  await world.drive();
  await machine.look();
  assert.deepEqual(await world.files(), ["in/a.csv"]);
  await machine.look();
  await world.drive();
  await machine.look();
  assert.deepEqual(await world.files(), ["done/a.csv"]);
  assert.deepEqual(await world.rows(), [1, 2, 3]);
});

Deno.test("a file that changes before it is copied, or is gone, is no news", async () => {
  await using world = await folders();
  const change = Promise.withResolvers<void>();
  const machine = world.machine("one", async (step) => {
    if (step !== "copy") return;
    await Deno.writeTextFile(`${world.folder}/in/a.csv`, "id\n1\n2\n");
    await Deno.remove(`${world.folder}/in/b.csv`).catch(() => {});
    change.resolve();
  });
  await world.write("a.csv", "id\n1\n");
  await world.write("b.csv", "id\n5\n");
  await machine.look();
  await machine.look();
  await change.promise;
  assert.equal(await world.runs(), 0);
  assert.deepEqual(warnings(machine), []);
});

Deno.test("a file that can't be moved is loaded once, and the reason told once", async () => {
  await using world = await folders();
  const machine = world.machine("one");
  // A file where the folder should be: whoever runs the tests may be root, who may write anywhere.
  await Deno.writeTextFile(`${world.folder}/done`, "");
  await world.write("a.csv", "id\n1\n");
  await machine.look();
  await machine.look();
  await world.drive();
  for (let time = 0; time < 3; time++) {
    await machine.look();
    await world.passTime();
  }
  assert.deepEqual(await world.rows(), [1]);
  assert.equal(warnings(machine).length, 1);
  await Deno.remove(`${world.folder}/done`);
  await machine.look();
  assert.deepEqual(await world.files(), ["done/a.csv"]);
  assert.deepEqual(await world.rows(), [1]);
});

Deno.test("a folder that is gone for a while makes nothing load twice", async () => {
  await using world = await folders();
  const machine = world.machine("one");
  await world.write("a.csv", "id\n1\n");
  await machine.look();
  await machine.look();
  await Deno.rename(`${world.folder}/in`, `${world.folder}/away`);
  await world.drive();
  await machine.look();
  await Deno.mkdir(`${world.folder}/in`);
  await world.passTime();
  await machine.look();
  await Deno.remove(`${world.folder}/in`);
  await Deno.rename(`${world.folder}/away`, `${world.folder}/in`);
  await machine.look();
  await world.passTime();
  await machine.look();
  await machine.look();
  assert.deepEqual(await world.files(), ["done/a.csv"]);
  assert.deepEqual(await world.rows(), [1]);
});

Deno.test("of more files than one look takes, all are loaded, look by look, in the order of their names", async () => {
  await using world = await folders();
  const machine = world.machine("one");
  const ids = Array.from({ length: 62 }, (_, i) => i);
  for (const id of ids) await world.write(`f${id}.csv`, `id\n${id}\n`);
  await machine.look();
  await machine.look();
  const first = await world.runs();
  assert.ok(first > 0 && first < ids.length, `${first} runs after one look`);
  const taken = await world.ledger.query<{ name: string }>(
    "select name from ingest.watched_files order by id",
  );
  assert.deepEqual(taken.map(({ name }) => name), ids.slice(0, first).map((id) => `f${id}.csv`));
  for (let looks = 0; looks < 3; looks++) {
    await machine.look();
    await world.drive();
  }
  await machine.look();
  assert.deepEqual(await world.rows(), ids);
  assert.equal(await world.runs(), ids.length);
  assert.deepEqual(await world.files(), ids.map((id) => `done/f${id}.csv`).sort());
  assert.deepEqual(warnings(machine), []);
});
