/** The OpenAPI document: programs can read it, and it describes what the server answers. */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import assert from "node:assert/strict";
import { BASE_PATH } from "../../src/http/route.ts";
import { type ApiDescription, documentOf } from "./documented.ts";
import { nameOf, request, ROUTES, world } from "./every_route.ts";
import { type Serving, serving } from "./serving.ts";

Deno.test("the document passes a linter's strictest rules", async () => {
  await using api = await serving();
  const { text } = await documentOf(api);
  const config = await createConfig({
    extends: ["recommended-strict"],
    rules: {
      // An id is a number, so `/importers/{importer}` and `/{id}/rows` can be told apart.
      "no-ambiguous-paths": "off",
      // Routes without a token accept any request.
      "operation-4xx-response": "off",
    },
  });
  const problems = await lintFromString({ source: text, absoluteRef: "openapi.json", config });
  assert.deepEqual(
    problems.map(({ ruleId, message, location: [at] }) => `${ruleId}: ${message} ${at?.pointer}`),
    [],
  );
  // Otherwise it would pass anything.
  const source = text.replace('"operationId":"showRun"', '"operationId":"listRuns"');
  const found = await lintFromString({ source, absoluteRef: "openapi.json", config });
  assert.deepEqual(found.map(({ ruleId }) => ruleId), ["operation-operationId-unique"]);
});

Deno.test("the document describes the answers of each route, successes and refusals", async () => {
  await using api = await world();
  const document = await documentOf(api);
  const documented = ROUTES.filter((route) => document.operations.includes(nameOf(route)));
  // All but the document itself, its page, and routes with two paths.
  assert.deepEqual(
    ROUTES.filter((route) => !documented.includes(route)).map(({ path }) => path),
    ["/healthz", "/readyz", "/openapi.json", "/docs"],
  );
  assert.equal(documented.length, document.operations.length);
  const check = async (authorization: string | undefined) => {
    for (const route of documented) {
      document.check(nameOf(route), await request(api, route, authorization));
    }
  };
  await check(undefined);
  await check(`Bearer ${await api.token("admin")}`);
  await check(`Bearer ${await api.token("admin", { importers: ["none"] })}`);
  await check("Bearer nonsense");
  for (const route of documented.filter(({ needs }) => needs !== "nobody")) {
    for (const status of ["401", "403", "500", "503"]) {
      assert.ok(document.statusesOf(nameOf(route)).includes(status), `${nameOf(route)} ${status}`);
    }
  }
});

const XML = { "content-type": "application/xml" };
const JSON_BODY = { "content-type": "application/json" };
const CSV = { "content-type": "text/csv" };

/** `GET /{id}`, the path in this request, and the expected status. */
type Step = readonly [
  operation: string,
  status: number,
  path: string,
  init?: Omit<RequestInit, "method">,
];

/** The life of run 1 and of its retry, run 2. */
const LIFE: readonly Step[] = [
  ["GET /", 200, ""],
  ["POST /preview/{importer}", 200, "/preview/items", { headers: CSV, body: "id,n\n1,1\n2,x\n" }],
  ["POST /preview", 200, "/preview?table=items&key=id", { headers: CSV, body: "id,x\n1\n" }],
  ["POST /upload/{importer}", 202, "/upload/items", { headers: CSV, body: "id,n\n1,1\n2,7.0\n" }],
  ["GET /", 200, "?status=processing&importer=items&limit=1"],
  ["GET /{id}", 200, "/1?rows=0"],
  ["GET /{id}/errors/summary", 200, "/1/errors/summary"],
  ["GET /{id}/failed-rows/download", 404, "/1/failed-rows/download"],
  ["DELETE /{id}", 409, "/1"],
  ["POST /{id}/cancel", 200, "/1/cancel", { headers: JSON_BODY, body: '{"now": true}' }],
  ["POST /{id}/resume", 202, "/1/resume", { headers: JSON_BODY, body: '{"max_errors": "50%"}' }],
];

const SUGGESTION = {
  column: "n",
  definition: [String.raw`transform: [{ replace: { pattern: '\.0+$', with: "" } }]`],
};

/** When run 1 has ended, with a failed row. */
const AFTERLIFE: readonly Step[] = [
  ["GET /{id}", 200, "/1"],
  ["POST /{id}/release", 409, "/1/release"],
  ["GET /{id}/events", 200, "/1/events"],
  ["GET /events", 200, "/events?status=completed&limit=1"],
  ["GET /{id}/rows", 200, "/1/rows?status=failed&limit=1"],
  ["GET /{id}/files", 200, "/1/files?limit=2"],
  ["GET /{id}/timeline", 200, "/1/timeline?limit=2"],
  ["GET /{id}/changes", 200, "/1/changes?limit=2"],
  ["GET /{id}/errors/summary", 200, "/1/errors/summary"],
  ["GET /{id}/suggestions", 200, "/1/suggestions"],
  ["POST /{id}/corrections/suggested", 409, "/1/corrections/suggested", {
    headers: JSON_BODY,
    body: '{"column": "n", "definition": ["format: yyyy"]}',
  }],
  ...[false, true].map((undo): Step => [
    "POST /{id}/corrections/suggested",
    200,
    "/1/corrections/suggested",
    { headers: JSON_BODY, body: JSON.stringify({ ...SUGGESTION, undo }) },
  ]),
  ["POST /{id}/suggestions/apply", 200, "/1/suggestions/apply", {
    headers: JSON_BODY,
    body: JSON.stringify(SUGGESTION),
  }],
  ["GET /{id}/failed-rows/download", 200, "/1/failed-rows/download?raw=1"],
  ["POST /{id}/corrections", 200, "/1/corrections", {
    headers: JSON_BODY,
    body: '{"corrections": [{"row_number": 2, "column": "n", "value": "y"}]}',
  }],
  ["POST /{id}/corrections", 409, "/1/corrections", {
    headers: JSON_BODY,
    body: '{"corrections": [{"row_number": 2, "column": "n", "value": "7"}]}',
  }],
  ["POST /{id}/corrections/replace", 200, "/1/corrections/replace", {
    headers: JSON_BODY,
    body: '{"column": "n", "from": "y", "to": "7", "dry_run": true}',
  }],
  ["POST /{id}/corrections/replace", 200, "/1/corrections/replace", {
    headers: JSON_BODY,
    body: '{"column": "n", "from": "y", "to": "z"}',
  }],
  ["GET /{id}/rows", 200, "/1/rows"],
  ["GET /{id}/rows", 200, "/1/rows?left=1&offset=0"],
  ["GET /{id}/corrections", 200, "/1/corrections?limit=1"],
  ["DELETE /{id}/corrections/{row_number}", 200, "/1/corrections/2?column=n"],
  ["DELETE /{id}/corrections", 200, "/1/corrections"],
  [
    "POST /{id}/waive",
    200,
    "/1/waive",
    { headers: JSON_BODY, body: '{"code": "type", "reason": "a test"}' },
  ],
  ["GET /{id}", 200, "/1"],
  ["GET /{id}/rows", 200, "/1/rows?code=type&column=n"],
  ["POST /{id}/waive", 200, "/1/waive", { headers: JSON_BODY, body: '{"all":true,"undo":true}' }],
  ["POST /{id}/retry", 202, "/1/retry", { headers: JSON_BODY, body: '{"dry_run": true}' }],
  ["POST /{id}/retry", 409, "/1/retry"],
  [
    "POST /{id}/retry/upload",
    409,
    "/1/retry/upload",
    { headers: CSV, body: "id,n,_row_number,_run_id\n2,2,2,1\n" },
  ],
  ["POST /{id}/cancel", 200, "/2/cancel"],
  [
    "POST /{id}/retry/upload",
    202,
    "/1/retry/upload?dry_run=true",
    { headers: CSV, body: "id,n,_row_number,_run_id\n2,2,2,1\n" },
  ],
  ["POST /{id}/cancel", 200, "/3/cancel"],
  ["POST /{id}/undo", 202, "/1/undo"],
  ["POST /{id}/undo", 409, "/1/undo"],
  ["POST /{id}/cancel", 200, "/4/cancel"],
  ["POST /trigger/{importer}", 202, "/trigger/nightly"],
  ["GET /importers", 200, "/importers"],
  ["GET /importers/{importer}", 200, "/importers/nightly"],
  [
    "POST /importers",
    201,
    "/importers",
    { headers: JSON_BODY, body: '{"slug": "saved", "table": "items", "key": ["id"]}' },
  ],
  [
    "POST /importers/{importer}",
    200,
    "/importers/saved",
    { headers: JSON_BODY, body: '{"source": {"delimiter": ","}}' },
  ],
  ["POST /upload", 202, "/upload?table=items&key=id", { headers: CSV, body: "id,n\n9,9\n" }],
  ["DELETE /{id}", 204, "/1"],
];

const WRONG: readonly Step[] = [
  ["GET /", 422, "?limit=0"],
  ["GET /{id}", 404, "/999"],
  ["GET /{id}", 422, "/nonsense"],
  ["GET /{id}/events", 404, "/999/events"],
  ["GET /events", 422, "/events?limit=0"],
  ["GET /events", 422, "/events?cursor=1"],
  ["GET /{id}/events", 422, "/nonsense/events"],
  ["GET /{id}/rows", 422, "/nonsense/rows"],
  ["GET /{id}/files", 404, "/99/files"],
  ["GET /{id}/files", 422, "/1/files?limit=0"],
  ["GET /{id}/timeline", 404, "/99/timeline"],
  ["GET /{id}/changes", 404, "/99/changes"],
  ["GET /{id}/changes", 422, "/1/changes?limit=0"],
  ["GET /{id}/timeline", 422, "/1/timeline?limit=0"],
  ["GET /{id}/errors/summary", 404, "/999/errors/summary"],
  ["GET /{id}/suggestions", 404, "/999/suggestions"],
  ["GET /{id}/suggestions", 422, "/nonsense/suggestions"],
  ["GET /{id}/errors/summary", 422, "/nonsense/errors/summary"],
  ["GET /{id}/failed-rows/download", 422, "/nonsense/failed-rows/download"],
  ["DELETE /{id}", 404, "/999"],
  ["DELETE /{id}", 422, "/nonsense"],
  ["GET /importers/{importer}", 404, "/importers/none"],
  ["POST /importers", 422, "/importers", { headers: JSON_BODY, body: '{"slug": "../x"}' }],
  ["POST /importers", 415, "/importers", { headers: CSV, body: "x" }],
  ["POST /importers/{importer}", 404, "/importers/none", { headers: JSON_BODY, body: "{}" }],
  ["POST /upload/{importer}", 404, "/upload/none", { headers: CSV, body: "id\n1\n" }],
  ["POST /upload/{importer}", 415, "/upload/items", { headers: XML, body: "{}" }],
  ["POST /upload/{importer}", 422, "/upload/items", { headers: CSV, body: "" }],
  ["POST /upload/{importer}", 422, "/upload/nightly", { headers: CSV, body: "id\n1\n" }],
  ["POST /upload/{importer}", 413, "/upload/items", { headers: CSV, body: "1".repeat(2_000) }],
  [
    "POST /upload/{importer}",
    400,
    "/upload/items",
    { headers: { "content-type": "multipart/form-data" }, body: "x" },
  ],
  ["POST /upload", 422, "/upload?table=nowhere", { headers: CSV, body: "id\n1\n" }],
  ["POST /upload", 415, "/upload?table=items", { headers: XML, body: "{}" }],
  ["POST /preview/{importer}", 404, "/preview/none", { headers: CSV, body: "id\n1\n" }],
  ["POST /preview/{importer}", 422, "/preview/items", { headers: CSV, body: "" }],
  ["POST /preview", 422, "/preview", { headers: CSV, body: "id\n1\n" }],
  ["POST /preview", 415, "/preview?table=items", { headers: XML, body: "{}" }],
  ["POST /trigger/{importer}", 404, "/trigger/none"],
  ["POST /trigger/{importer}", 415, "/trigger/nightly", { headers: CSV, body: "{}" }],
  ["POST /trigger/{importer}", 400, "/trigger/nightly", { headers: JSON_BODY, body: "{" }],
  ["POST /trigger/{importer}", 422, "/trigger/nightly", { headers: JSON_BODY, body: '{"a":1}' }],
  ["POST /{id}/retry", 404, "/999/retry"],
  ["POST /{id}/retry", 422, "/nonsense/retry"],
  ["POST /{id}/retry/upload", 404, "/999/retry/upload", { headers: CSV, body: "id\n1\n" }],
  ["POST /{id}/retry/upload", 415, "/5/retry/upload", { headers: XML, body: "{}" }],
  ["POST /{id}/cancel", 404, "/999/cancel"],
  ["POST /{id}/cancel", 400, "/1/cancel", { headers: JSON_BODY, body: "[" }],
  ["POST /{id}/cancel", 413, "/1/cancel", { headers: JSON_BODY, body: " ".repeat(100_000) }],
  ["POST /{id}/resume", 404, "/999/resume"],
  ["POST /{id}/release", 404, "/999/release"],
  ["POST /{id}/waive", 422, "/999/waive"],
  ["POST /{id}/corrections", 404, "/999/corrections", { headers: JSON_BODY, body: "{}" }],
  ["GET /{id}/corrections", 422, "/1/corrections?limit=0"],
  ["DELETE /{id}/corrections/{row_number}", 422, "/1/corrections/x"],
  [
    "POST /{id}/waive",
    404,
    "/999/waive",
    { headers: JSON_BODY, body: '{"all": true, "reason": "a test"}' },
  ],
];

Deno.test("the document describes every answer through the whole life of runs", async () => {
  await using api = await serving({
    tables: "create table items (id int primary key, n int)",
    importers: {
      items: "table: items\nkey: id\n",
      nightly: "table: items\nkey: id\nsource: { type: file, path: nightly.csv }\n",
      careful: "table: items\noptions: { transaction: run, release: manual }\n",
    },
    sourceFiles: { "nightly.csv": "id,n\n7,7\n" },
    maxUpload: 1_000,
    savesDefinitions: true,
  });
  const document = await documentOf(api);
  await follow(api, document, LIFE);
  await api.drive(1);
  await follow(api, document, AFTERLIFE);
  await follow(api, document, WRONG);
  const { body } = await api.ask("/upload/careful", {
    ...{ method: "POST", headers: CSV, body: "id,n\n100,1\n" },
  });
  const { id } = (body as { data: { id: number } }).data;
  await api.drive(id);
  const released: readonly Step[] = [
    ["GET /{id}", 200, `/${id}`],
    ["POST /{id}/release", 202, `/${id}/release`],
    ["POST /{id}/release", 409, `/${id}/release`],
  ];
  await follow(api, document, released);
  await api.drive(id);
  // Each operation succeeded at least once.
  const done = [...LIFE, ...AFTERLIFE, ...released].filter(([, status]) => status < 300).map((
    [name],
  ) => name);
  const missing = document.operations.filter((name) =>
    !/\/(healthz|readyz)$/u.test(name) && !done.map(documentedName).includes(name)
  );
  assert.deepEqual(missing, []);
});

async function follow(api: Serving, document: ApiDescription, steps: readonly Step[]) {
  for (const [operation, status, path, init] of steps) {
    const [method] = operation.split(" ");
    const answer = await api.ask(path, { ...init, method });
    assert.equal(answer.status, status, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    document.check(documentedName(operation), answer);
  }
}

function documentedName(operation: string): string {
  const [method, path] = operation.split(" ");
  return `${method} ${BASE_PATH}${path === "/" ? "" : path}`;
}
