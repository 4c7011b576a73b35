/** `--json` and the API give the same answers. */
import assert from "node:assert/strict";
import { withoutCommands } from "../../src/http/answers/public_commands.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { memoryOutput } from "../cli/memory_output.ts";
import {
  customers,
  outcome,
  sendJson,
  servingCustomers,
  TWO_BAD,
  upload,
  uploadAndDrive,
} from "./customer_runs.ts";
import type { Serving } from "./serving.ts";

// deno-lint-ignore no-explicit-any -- any output is compared
async function command(api: Serving, line: string): Promise<any> {
  const { output, stdout } = memoryOutput();
  const database = ["--json", "--database-url", api.database.url];
  await runCommandLine([...line.split(" "), ...database], output);
  return JSON.parse(stdout.text);
}

Deno.test("the commands that show something print what the API answers", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD, "everything");
  await uploadAndDrive(api, customers(3));
  const same: readonly (readonly [string, string])[] = [
    ["runs", ""],
    ["runs --limit 1", "?limit=1"],
    ["runs --status completed --importer customers", "?status=completed&importer=customers"],
    [`status ${id}`, `/${id}`],
    [`errors ${id}`, `/${id}/errors/summary`],
    [`rows ${id}`, `/${id}/rows`],
    [`errors ${id} --suggest --importers ${api.folder}/importers`, `/${id}/suggestions`],
    [`status ${id} --events`, `/${id}/timeline`],
    [`rows ${id} --status failed --limit 1`, `/${id}/rows?status=failed&limit=1`],
    [`rows ${id} --code type --column age`, `/${id}/rows?code=type&column=age`],
    [`rows ${id} --code type,required`, `/${id}/rows?code=type&code=required`],
    [`errors ${id} --column age`, `/${id}/errors/summary?column=age`],
  ];
  for (const [line, path] of same) {
    const { status, body } = await api.ask(path);
    assert.equal(status, 200, path);
    assert.deepEqual(await command(api, line), body, line);
  }
});

Deno.test("check --file and a preview say the same of a file", async () => {
  await using api = await servingCustomers();
  const file = `${api.folder}/customers.csv`;
  await Deno.writeTextFile(file, TWO_BAD);
  const body = new FormData();
  body.append("file", new Blob([TWO_BAD]), file);
  const { status, body: { data } } = await api.ask("/preview/customers", { method: "POST", body });
  assert.equal(status, 200);
  const importers = `--importers ${api.folder}/importers`;
  const said = await command(api, `check customers --file ${file} ${importers}`);
  assert.deepEqual({ ...said.data, file: "customers.csv" }, data);
  assert.ok(data.failing > 0);
});

Deno.test("cancel and failures have the same messages, too", async () => {
  await using api = await servingCustomers();
  const id = await upload(api, customers(3));
  const { body } = await api.ask(`/${id}/cancel`, { method: "POST" });
  assert.deepEqual(await command(api, `cancel ${id}`), body);
  const done = await uploadAndDrive(api, TWO_BAD);
  const silent = await uploadAndDrive(api, TWO_BAD, "unlogged");
  const open = await upload(api, customers(3));
  const failing: readonly (readonly [string, string, string, string])[] = [
    ["status 999", "GET", "/999", "404 no_such_run"],
    [`cancel ${done}`, "POST", `/${done}/cancel`, "409 conflict"],
    [`resume ${done}`, "POST", `/${done}/resume`, "409 conflict"],
    [`retry ${silent}`, "POST", `/${silent}/retry`, "409 conflict"],
    [`retry ${open}`, "POST", `/${open}/retry`, "409 conflict"],
    [`rows ${done} --group dead`, "GET", `/${done}/rows?group=dead`, "404 no_such_group"],
    [`undo ${open}`, "POST", `/${open}/undo`, "409 conflict"],
    [`retry ${done} --group dead`, "POST", `/${done}/retry`, "404 no_such_group"],
    [`delete ${open}`, "DELETE", `/${open}`, "409 conflict"],
    [
      `errors ${silent} --export ${api.folder}/x.csv`,
      "GET",
      `/${silent}/failed-rows/download`,
      "409 conflict",
    ],
  ];
  for (const [line, method, path, expected] of failing) {
    const init = line.startsWith("retry") && line.includes("--group")
      ? sendJson({ group: "dead" })
      : { method };
    const answer = await api.ask(path, init);
    assert.equal(outcome(answer), expected, path);
    assert.deepEqual(publicly(await command(api, line)), answer.body, line);
  }
  const limit = await api.ask(`/${open}/resume`, sendJson({ max_errors: 3 }));
  assert.deepEqual(publicly(await command(api, `resume ${open} --max-errors 3`)), limit.body);
});

/** The API's messages name no commands. */
function publicly<Failure extends { readonly message: string }>(failure: Failure): Failure {
  return { ...failure, message: withoutCommands(failure.message) };
}

Deno.test("waive gives the same answer, and is refused in the same words", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const wrong: readonly (readonly [object, string])[] = [
    [{ reason: "x" }, "422 validation"],
    [{ all: true }, "422 validation"],
    [{ all: true, reason: " " }, "422 validation"],
    [{ all: false, reason: "x" }, "422 validation"],
    [{ all: true, rows: "2", reason: "x" }, "422 validation"],
    [{ rows: "2-", reason: "x" }, "422 validation"],
    [{ code: "type", rows: "2", reason: "x" }, "422 validation"],
    [{ group: "dead", reason: "x" }, "404 no_such_group"],
    [{ rows: "1", reason: "x" }, "409 conflict"],
  ];
  for (const [body, expected] of wrong) {
    const answer = await api.ask(`/${id}/waive`, sendJson(body));
    assert.equal(outcome(answer), expected, JSON.stringify(body));
  }
  const refused = await api.ask(`/${id}/waive`, sendJson({ rows: "1", reason: "x" }));
  assert.deepEqual(
    publicly(await command(api, `waive ${id} --rows 1 --reason x`)),
    refused.body,
  );
  const { status, body } = await api.ask(`/${id}/waive`, sendJson({ code: "type", reason: "x" }));
  assert.deepEqual([status, body.rows, body.data.progress.waived], [200, 1, 1]);
  assert.equal(body.message, `Waived 1 of 2 failed rows of run ${id}.`);
  await api.ask(`/${id}/waive`, sendJson({ all: true, undo: true }));
  const { data, ...said } = await command(api, `waive ${id} --code type --reason x`);
  assert.deepEqual(said, { message: body.message, rows: 1 });
  assert.deepEqual(data.progress, body.data.progress);
  const listed = await api.ask(`/${id}/rows`);
  assert.deepEqual(await command(api, `rows ${id}`), listed.body);
  assert.deepEqual(listed.body.data.map(({ waived }: { waived?: true }) => waived), [
    true,
    undefined,
  ]);
  assert.deepEqual(await command(api, `status ${id}`), (await api.ask(`/${id}`)).body);
  const file = (await api.ask(`/${id}/failed-rows/download`)).body;
  assert.equal(file.trim().split("\r\n").length, 2);
  const all = (await api.ask(`/${id}/failed-rows/download?waived=1`)).body;
  assert.equal(all.trim().split("\r\n").length, 3);
});
