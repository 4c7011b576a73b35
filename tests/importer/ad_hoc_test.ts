import assert from "node:assert/strict";
import { adHocDefinition, type AdHocOptions } from "../../src/importer/ad_hoc.ts";
import { DefinitionError } from "../../src/importer/definition_errors.ts";

function messageOf(given: AdHocOptions): string {
  try {
    adHocDefinition(given);
  } catch (error) {
    assert.ok(error instanceof DefinitionError);
    return error.message;
  }
  assert.fail("accepted");
}

Deno.test("a table alone is a definition", () => {
  const definition = adHocDefinition({ table: "public.customers" });
  assert.equal(definition.slug, "customers");
  assert.equal(definition.table, "public.customers");
  assert.equal(definition.columns, null);
  assert.equal(definition.on_duplicate, "fail");
});

Deno.test("key and strategy are as given, with the same defaults as in a file", () => {
  const given = { table: "t", key: ["a", "b"] };
  assert.deepEqual(adHocDefinition(given).key, ["a", "b"]);
  assert.equal(adHocDefinition(given).on_duplicate, "skip");
  assert.equal(adHocDefinition({ ...given, onDuplicate: "update" }).on_duplicate, "update");
});

Deno.test("any table's name makes a slug", () => {
  assert.equal(adHocDefinition({ table: '"My Table (old)"' }).slug, "my-table-old");
  assert.equal(adHocDefinition({ table: '"表"' }).slug, "table");
});

Deno.test("problems name the option that has the mistake", () => {
  assert.equal(
    messageOf({ table: "my table", key: ["id", "id"], onDuplicate: "updte" }),
    '--on-duplicate: found "updte", expected one of skip, update, update_if_newer, fail; ' +
      'did you mean "update"?\n' +
      '--table: found "my table", expected a table such as customers or public.customers ' +
      '(other names need double quotes)\n--key: "id" is already in the key',
  );
  assert.equal(
    messageOf({ table: "t", onDuplicate: "update" }),
    "--on-duplicate: update needs a key; say which column identifies a row: --key column",
  );
  assert.equal(
    messageOf({ table: "t", key: ["id"], onDuplicate: "update_if_newer" }),
    "--on-duplicate: update_if_newer needs a definition file, which can say what to `compare`",
  );
  assert.equal(
    messageOf({ table: "ingest.runs" }),
    "--table: \"ingest.runs\" is one of ingest's own tables; an import can't write to it",
  );
});
