/** The codes of failures: the list, what the code throws, the document and the page. */
import assert from "node:assert/strict";
import { CODES_BY_STATUS, FAILURE_CODES } from "../../src/http/answers/failure_codes.ts";
import { serving } from "./serving.ts";

Deno.test("docs/http.md explains every code, with its status", async () => {
  const page = await Deno.readTextFile("docs/http.md");
  const explained = [...page.matchAll(/^\| (\d{3}) +\| `(\w+)` +\| \S/gmu)]
    .map(([, status, code]) => `${status} ${code}`);
  const listed = Object.entries(CODES_BY_STATUS)
    .flatMap(([status, codes]) => codes.map((code) => `${status} ${code}`));
  assert.deepEqual(explained, listed);
});

/** The type check refuses codes that are not listed. */
Deno.test("every listed code is one that the server gives", async () => {
  const given = new Set<string>();
  const folders = ["src/http"];
  for (const folder of folders) {
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile) folders.push(`${folder}/${name}`);
      if (!name.endsWith(".ts") || name === "failure_codes.ts") continue;
      const text = await Deno.readTextFile(`${folder}/${name}`);
      for (const [, word] of text.matchAll(/"(\w+)"/gu)) given.add(word);
    }
  }
  assert.deepEqual(FAILURE_CODES.filter((code) => !given.has(code)), []);
});

Deno.test("the OpenAPI document lists the codes", async () => {
  await using api = await serving();
  const { body: { components: { schemas } } } = await api.ask(`${api.origin}/openapi.json`);
  assert.deepEqual(schemas.FailureCode.enum.toSorted(), [...FAILURE_CODES].toSorted());
  assert.deepEqual(schemas.Failure.properties.code.$ref, "#/components/schemas/FailureCode");
});

Deno.test("a wrong method is told which ones there are, an unknown route is not found", async () => {
  await using api = await serving();
  const cases: readonly (readonly [string, string, number, string | null])[] = [
    ["PUT", "/1", 405, "GET, HEAD, DELETE"],
    ["GET", "/1/cancel", 405, "POST"],
    ["PATCH", "", 405, "GET, HEAD"],
    ["DELETE", "/importers/x", 405, "GET, HEAD, POST"],
    ["POST", `${api.origin}/healthz`, 405, "GET, HEAD"],
    ["GET", "/1/nonsense", 404, null],
    ["POST", `${api.origin}/nonsense`, 404, null],
  ];
  for (const [method, path, status, allow] of cases) {
    const answer = await api.ask(path, { method });
    assert.deepEqual([answer.status, answer.headers.get("allow")], [status, allow], path);
    assert.equal(answer.body.code, status === 405 ? "method_not_allowed" : "not_found");
  }
});
