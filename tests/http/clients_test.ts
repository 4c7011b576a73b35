/** Clients generated from the document compile as they are, and can do all that the API offers. */
import { createClient } from "@hey-api/openapi-ts";
import assert from "node:assert/strict";
import { fileURLToPath, pathToFileURL } from "node:url";
import openapiTypescript, { astToString } from "openapi-typescript";
// The generators' peer. Named here, so that the lock file has the version for them.
import "typescript";
import type { Loop } from "./clients/programs/loop.ts";
import { type Serving, serving } from "./serving.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAMS = fileURLToPath(new URL("./clients/programs", import.meta.url));

Deno.test("a client of openapi-typescript and openapi-fetch drives the whole loop", async () => {
  await drive("openapi_fetch", async (document, folder) => {
    await Deno.mkdir(folder);
    const types = await openapiTypescript(document);
    await Deno.writeTextFile(`${folder}/schema.ts`, astToString(types));
  });
});

Deno.test("a client of @hey-api/openapi-ts drives the whole loop", async () => {
  await drive("hey_api", async (document, folder) => {
    await createClient({
      input: JSON.parse(document),
      output: { path: folder, module: { extension: ".ts" } },
      logs: { level: "silent" },
    });
  });
});

/** Generates a client from what a server serves, checks the program that uses it, and runs it. */
async function drive(
  name: string,
  generate: (document: string, folder: string) => Promise<void>,
): Promise<void> {
  await using api = await serving({
    tokens: true,
    tables: "create table people (email text primary key, age int)",
    importers: { people: "table: people\nkey: email\ncolumns: { email: E-Mail, age: Age }\n" },
  });
  const folder = await Deno.makeTempDir({ prefix: "ingest-client-" });
  try {
    for (const file of ["loop.ts", `${name}.ts`]) {
      await Deno.copyFile(`${PROGRAMS}/${file}`, `${folder}/${file}`);
    }
    const document = await (await fetch(`${api.origin}/openapi.json`)).text();
    await generate(document, `${folder}/generated`);
    const program = `${folder}/${name}.ts`;
    await assertPlain(program);
    await assertCompiles(program);
    const { loop }: { readonly loop: Loop } = await import(pathToFileURL(program).href);
    await assertLoop(api, loop);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertLoop(api: Serving, loop: Loop) {
  const found = await loop({
    baseUrl: api.origin,
    token: await api.token("admin"),
    good: new Blob(["E-Mail,Age\nnew@example.com,1\n"]),
    bad: new Blob(["E-Mail,Age\nana@example.com,31\nbob@example.com,x\ncyd@example.com,y\n"]),
    repair: (csv) => csv.replace(",x,", ",32,").replace(",y,", ",33,"),
    ended: (id) => api.drive(id),
  });
  assert.deepEqual(found, {
    importers: ["people"],
    preview: [[], [["type", "Age"]], [["type", "Age"]]],
    tried: [true, 2],
    first: ["completed_with_errors", 2],
    group: ["age: The Age field (age) must be a whole number.", 2, 2, 3],
    cells: ["2 Age type: x", "3 Age type: y"],
    unresolved: 0,
    nothingLeft: "nothing_to_retry",
    cancelled: true,
    waived: 2,
    undone: ["undo", 1],
    events: true,
    completed: true,
    missing: "no_such_run",
    removed: 204,
  });
}

/** No cast, and nothing that switches checks off. */
async function assertPlain(program: string) {
  const text = await Deno.readTextFile(program);
  const code = text.replaceAll(/^import .*$/gmu, "");
  assert.doesNotMatch(code, /\bas \w|<\w+>\w|@ts-|deno-lint-ignore/u);
  await deno(["fmt", "--no-config", "--line-width", "100", "--check", program]);
  const rules = "--rules-include=no-explicit-any,no-non-null-assertion";
  await deno(["lint", "--no-config", rules, program]);
}

/** With `strict`, as deno.json says. */
async function assertCompiles(program: string) {
  await deno(["check", "--quiet", "--config", `${ROOT}/deno.json`, program]);
  // Otherwise it would pass anything.
  const wrong = program.replace(".ts", "_wrong.ts");
  const text = await Deno.readTextFile(program);
  await Deno.writeTextFile(wrong, text.replace("limit: 1,", 'limit: "1",'));
  await assert.rejects(
    deno(["check", "--quiet", "--config", `${ROOT}/deno.json`, wrong]),
    /Type 'string' is not assignable to type 'number'/,
  );
}

async function deno(args: readonly string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${args[0]}: ${decoder.decode(stdout)}${decoder.decode(stderr)}`);
}
