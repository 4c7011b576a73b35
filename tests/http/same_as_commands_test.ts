/** `--json` and the API give the same answers. */
import assert from "node:assert/strict";
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
    assert.deepEqual(await command(api, line), answer.body, line);
  }
  const limit = await api.ask(`/${open}/resume`, sendJson({ max_errors: 3 }));
  assert.deepEqual(await command(api, `resume ${open} --max-errors 3`), limit.body);
});
