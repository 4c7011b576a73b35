import assert from "node:assert/strict";
import { renderRows } from "../../src/cli/render/rows.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import type { LoggedRow } from "../../src/ledger/rows.ts";

const failed: LoggedRow = {
  row_number: 7,
  line: 8,
  status: "failed",
  data: { name: "A name that is rather long", id: "x" },
  // As jsonb gives it back: the keys in its own order, not in the columns'.
  errors: {
    message: "The given data was invalid.",
    validation: { id: ["The id field is wrong."], name: ["The name field is too long."] },
    details: [{ column: "name" }, { column: "id" }],
  },
};

Deno.test("rows are a table where they fit, with the columns in the file's order", () => {
  for (const width of [null, 150]) {
    assert.deepEqual(renderRows([failed], ["name", "id"], width, PLAIN), [
      "row  line  status  what                                                data",
      "  7     8  failed  The name field is too long. The id field is wrong.  " +
      "name: A name that is rather long, id: x",
    ]);
  }
});

Deno.test("where they don't fit, the reason is never cut, only the data", () => {
  assert.deepEqual(renderRows([failed], ["name", "id"], 30, PLAIN), [
    "row 7, line 8: failed. The name field is too long. The id field is wrong.",
    "  name: A name that is rather…",
  ]);
});
