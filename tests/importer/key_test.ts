import assert from "node:assert/strict";
import { keyTarget, normaliseName } from "../../src/importer/key.ts";
import { parseDefinition } from "../../src/importer/parse.ts";

Deno.test("keyTarget() prefers a target's own name to a source's", () => {
  const text = "table: t\ncolumns: {full_name: email, email: {from: [E-Mail, Mail]}}";
  const result = parseDefinition(text, "c.yaml");
  assert.ok("definition" in result && result.definition.columns !== null);
  const { columns } = result.definition;
  assert.equal(keyTarget("email", columns), "email");
  assert.equal(keyTarget("Mail", columns), "email");
  assert.equal(keyTarget("mail", columns), null);
  assert.equal(keyTarget("constructor", columns), null);
});

Deno.test("normaliseName() ignores case, spaces, _ and -", () => {
  for (const name of ["Full Name", "full_name", " FULL-NAME ", "fullName"]) {
    assert.equal(normaliseName(name), "fullname");
  }
  assert.notEqual(normaliseName("full.name"), "fullname");
});
