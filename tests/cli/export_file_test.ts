import assert from "node:assert/strict";
import { writeExport } from "../../src/cli/export_file.ts";
import { temporaryFolder } from "./customers.ts";

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("a file appears only once it is complete", async () => {
  await using dir = await temporaryFolder();
  const path = `${dir.path}/failed.csv`;
  await writeExport(path, { overwrite: false }, async (file) => {
    await file.write("a");
    assert.ok(!(await names(dir.path)).includes("failed.csv"));
    await file.write("b");
    return true;
  });
  assert.deepEqual(await names(dir.path), ["failed.csv"]);
  assert.equal(await Deno.readTextFile(path), "ab");
});

Deno.test("an export that fails or has nothing to write leaves no file", async () => {
  await using dir = await temporaryFolder();
  const path = `${dir.path}/failed.csv`;
  await writeExport(path, { overwrite: false }, () => Promise.resolve(false));
  assert.deepEqual(await names(dir.path), []);
  await assert.rejects(
    writeExport(path, { overwrite: false }, async (file) => {
      await file.write("half");
      throw new Error("the database is gone");
    }),
    /the database is gone/,
  );
  assert.deepEqual(await names(dir.path), []);
});

Deno.test("an existing file stays unchanged unless overwriting is allowed", async () => {
  await using dir = await temporaryFolder();
  const path = `${dir.path}/failed.csv`;
  await Deno.writeTextFile(path, "work of two hours");
  const write = (overwrite: boolean) =>
    writeExport(path, { overwrite }, async (file) => {
      await file.write("new");
      return true;
    });
  await assert.rejects(write(false), {
    name: "Refused",
    message: /exists\. --force overwrites it/,
  });
  assert.equal(await Deno.readTextFile(path), "work of two hours");
  await write(true);
  assert.equal(await Deno.readTextFile(path), "new");
  assert.deepEqual(await names(dir.path), ["failed.csv"]);
});

Deno.test("a file that appears meanwhile is not overwritten either", async () => {
  await using dir = await temporaryFolder();
  const path = `${dir.path}/failed.csv`;
  await assert.rejects(
    writeExport(path, { overwrite: false }, async () => {
      await Deno.writeTextFile(path, "another export");
      return true;
    }),
    { name: "Refused" },
  );
  assert.equal(await Deno.readTextFile(path), "another export");
  assert.deepEqual(await names(dir.path), ["failed.csv"]);
});

Deno.test("the file behind a link is overwritten, and keeps its permissions", async () => {
  await using dir = await temporaryFolder();
  await Deno.mkdir(`${dir.path}/elsewhere`);
  const target = `${dir.path}/elsewhere/real.csv`;
  await Deno.writeTextFile(target, "old", { mode: 0o600 });
  await Deno.symlink(target, `${dir.path}/failed.csv`);
  await writeExport(`${dir.path}/failed.csv`, { overwrite: true }, async (file) => {
    await file.write("new");
    return true;
  });
  assert.equal(await Deno.readTextFile(target), "new");
  assert.ok((await Deno.lstat(`${dir.path}/failed.csv`)).isSymlink);
  assert.equal((await Deno.stat(target)).mode! & 0o777, 0o600);
  assert.deepEqual(await names(`${dir.path}/elsewhere`), ["real.csv"]);
});

Deno.test("a device is written to, never replaced", async () => {
  await writeExport("/dev/null", { overwrite: false }, async (file) => {
    await file.write("x");
    return true;
  });
  assert.ok((await Deno.stat("/dev/null")).isCharDevice);
});

Deno.test("if the file can't be created, one line says why", async () => {
  await using dir = await temporaryFolder();
  const write = (path: string) =>
    writeExport(path, { overwrite: true }, () => Promise.resolve(true));
  await assert.rejects(write(dir.path), { name: "Refused", message: /it is a folder\.$/ });
  await assert.rejects(write(`${dir.path}/no/failed.csv`), {
    name: "Refused",
    message: /^Cannot write .*: there is no such folder\.$/,
  });
  await Deno.writeTextFile(`${dir.path}/file`, "");
  await assert.rejects(write(`${dir.path}/file/failed.csv`), { name: "Refused" });
  await assert.rejects(write("/proc/failed.csv"), {
    name: "Refused",
    message: /^Cannot write \/pro/,
  });
});
