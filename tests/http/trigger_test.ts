import assert from "node:assert/strict";
import { resolve } from "node:path";
import { requireRun } from "../../src/ledger/runs/runs.ts";
import { customers, outcome, sendJson, servingCustomers } from "./customer_runs.ts";
import type { Serving } from "./serving.ts";

function trigger(api: Serving, importer: string, body: unknown = {}) {
  return api.ask(`/trigger/${importer}`, sendJson(body));
}

const choose = (path: unknown) => ({ source: { path } });

Deno.test("an importer with a file of its own is triggered and loads it", async () => {
  await using api = await servingCustomers();
  for (const [body, dry, created] of [[{}, false, 5], [{ dry_run: true }, true, 0]] as const) {
    const { status, body: { data } } = await trigger(api, "nightly", body);
    assert.equal(status, 202);
    assert.deepEqual([data.original_filename, data.dry_run], ["nightly.csv", dry]);
    await api.drive(data.id);
    const shown = (await api.ask(`/${data.id}`)).body.data;
    assert.deepEqual([shown.status, shown.progress.created], ["completed", created]);
  }
  const without = await api.ask("/trigger/nightly", { method: "POST" });
  assert.equal(without.status, 202);
});

Deno.test("a request may name another file only if the definition allows it, in the source folder", async () => {
  await using api = await servingCustomers({
    sourceFiles: { "nightly.csv": customers(5), "other.csv": customers(2) },
  });
  await Deno.symlink("other.csv", `${api.folder}/source/link.csv`);
  const real = await Deno.realPath(`${api.folder}/source/other.csv`);
  for (const path of ["other.csv", "./other.csv", "x/../other.csv", real, "link.csv"]) {
    const { status, body } = await trigger(api, "chosen", choose(path));
    assert.equal(status, 202, path);
    // The link's target when it was checked: nobody can redirect it afterwards.
    assert.equal((await requireRun(api.ledger, body.data.id)).source.path, real);
  }
  const fixed = await trigger(api, "nightly", choose("other.csv"));
  assert.equal(outcome(fixed), "422 validation");
  assert.deepEqual(fixed.body.errors, {
    "source.path": ["the definition doesn't let requests override it"],
  });
});

Deno.test("a request can't name a file outside the source folder, or one that doesn't exist", async () => {
  await using api = await servingCustomers();
  const source = `${api.folder}/source`;
  await Deno.mkdir(`${source}/folder`);
  await Deno.mkdir(`${api.folder}/source2`);
  await Deno.writeTextFile(`${api.folder}/source2/outside.csv`, customers(1));
  await Deno.symlink(`${api.folder}/source2/outside.csv`, `${source}/link.csv`);
  await Deno.symlink("../source2", `${source}/linked`);
  await Deno.symlink("loop.csv", `${source}/loop.csv`);
  const notThere = [
    "../source2/outside.csv",
    `${api.folder}/source2/outside.csv`,
    "linked/outside.csv",
    ...["link.csv", "loop.csv", "missing.csv", "nightly.csv/x", "..", ".", "../source"],
    ...["/etc/passwd", "folder/../../source2/outside.csv", "a\0b", "nightly.csv\0", "\ud800"],
    ...["x".repeat(300), "..\\source2\\outside.csv", "%2e%2e/source2/outside.csv"],
    "file:///etc/passwd",
  ];
  for (const path of notThere) {
    const { status, body } = await trigger(api, "chosen", choose(path));
    assert.equal(status, 422, path);
    // The same message for all: nobody learns which files exist elsewhere.
    assert.deepEqual(body.errors, {
      "source.path": ["there is no such file in the server's source folder"],
    }, path);
  }
  for (const path of ["", "x".repeat(5_000), 1, null, ["nightly.csv"]]) {
    const { status, body } = await trigger(api, "chosen", choose(path));
    assert.equal(status, 422);
    assert.deepEqual(Object.keys(body.errors), ["source.path"]);
  }
  const folder = await trigger(api, "chosen", choose("folder"));
  assert.equal(outcome(folder), "422 source");
  assert.equal(folder.body.message, "Cannot import folder: it is a folder. Name a file in it.");
  assert.deepEqual((await api.ask("")).body.data, []);
});

Deno.test("a request never says what kind of source it is", async () => {
  await using api = await servingCustomers();
  const unknown = [
    [{ source: { type: "file", path: "nightly.csv" } }, "source.type"],
    [{ source: { headers: { cookie: "x" } } }, "source.headers"],
    [{ type: "file" }, "type"],
    [{ path: "nightly.csv" }, "path"],
    [{ source: { constructor: 1 } }, "source.constructor"],
  ] as const;
  for (const [body, field] of unknown) {
    const refused = await trigger(api, "chosen", body);
    assert.equal(outcome(refused), "422 validation");
    assert.deepEqual(refused.body.errors, { [field]: ["there is no such field"] });
  }
  for (const body of [{ source: null }, { source: "nightly.csv" }, { dry_run: "yes" }, []]) {
    assert.equal(outcome(await trigger(api, "chosen", body)), "422 validation");
  }
});

Deno.test("an importer for uploads can't be triggered, and one with a source takes no upload", async () => {
  await using api = await servingCustomers();
  assert.equal(outcome(await trigger(api, "customers")), "422 needs_upload");
  assert.equal(
    outcome(await trigger(api, "customers", choose("nightly.csv"))),
    "422 validation",
  );
  const form = new FormData();
  form.set("file", new File([customers(1)], "c.csv"));
  const uploaded = await api.ask("/upload/nightly", { method: "POST", body: form });
  assert.equal(outcome(uploaded), "422 needs_trigger");
  assert.equal(outcome(await trigger(api, "nobody")), "404 unknown_importer");
});

Deno.test("a missing file of a definition is named without its folder", async () => {
  await using api = await servingCustomers();
  const path = resolve(api.folder, "secret folder", "gone today.csv");
  await Deno.writeTextFile(
    `${api.folder}/importers/gone.yaml`,
    `table: customers\nsource: { type: file, path: ${JSON.stringify(path)} }\n`,
  );
  const refused = await trigger(api, "gone");
  assert.equal(outcome(refused), "422 source");
  assert.equal(
    refused.body.message,
    "Cannot import gone today.csv: there is no such file. Check the path.",
  );
  await Deno.remove(`${api.folder}/source`, { recursive: true });
  assert.equal(outcome(await trigger(api, "chosen", choose("nightly.csv"))), "422 validation");
});
