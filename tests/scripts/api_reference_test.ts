import assert from "node:assert/strict";
import { apiReference, REFERENCE } from "../../scripts/api_reference.ts";

Deno.test("docs/api.md matches the API's OpenAPI document", async () => {
  assert.equal(
    await Deno.readTextFile(REFERENCE),
    await apiReference(),
    "write it again: deno run -A scripts/api_reference.ts",
  );
});
