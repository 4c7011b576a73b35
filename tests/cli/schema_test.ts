import assert from "node:assert/strict";
import { ingest } from "./start_program.ts";

Deno.test("schema prints a JSON Schema, with --json or without", async () => {
  const plain = await ingest(["schema"]);
  assert.equal(plain.code, 0, plain.stderr);
  const schema = JSON.parse(plain.stdout);
  assert.equal(schema.$schema, "http://json-schema.org/draft-07/schema#");
  assert.match(schema.properties.key.description, /which rows are the same/u);
  assert.equal((await ingest(["schema", "--json"])).stdout, plain.stdout);
});
