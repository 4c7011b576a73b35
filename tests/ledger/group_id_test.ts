/** The same group has the same id, in both languages and whatever the values are. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { groupId, type GroupIdentity } from "../../src/ledger/groups/group_id.ts";
import { migratedDatabase } from "../support/database.ts";

const words = fc.constantFrom(
  "must be one of free, pro\nteam 2.",
  "must not be longer than 20 characters, 3 characters.",
  "must be a date (yyyy-MM-dd or dd.MM.yyyy).",
  "is (odd (1) and\nso) on).",
  "must be between -5 and 1,000.50.",
  "refuses this row: customer 17 is 'too\nold' for \"gold\".",
  "it's odd",
  "A quote that opens on line 17 is not closed.",
  "The row has 2 fields where the header has 3.",
  "Größe 12 ٣",
  "",
);
const column = fc.option(fc.constantFrom("age", "address2", "a'b", "Größe", ""));
const identity: fc.Arbitrary<GroupIdentity> = fc.record({
  kind: fc.constantFrom("row" as const, "validation" as const),
  code: fc.option(fc.constantFrom("database", "malformed", "check", "type", "min")),
  column,
  message: fc.tuple(fc.boolean(), column, fc.oneof(words, fc.string()))
    .map(([named, name, text]) => (named ? `The ${name} field ` : "") + text)
    .filter((text) => !text.includes("\0") && text.isWellFormed()),
  cause: fc.option(fc.constantFrom("23P01 no_overlap")),
});

Deno.test("SQL gives a group the same id as the program", async () => {
  await using db = await migratedDatabase();
  const check = fc.asyncProperty(fc.array(identity, { minLength: 20 }), async (groups) => {
    const found = await db.session.query<{ id: string }>(
      `select ingest.error_group_id(kind, code, "column", message, cause) as id
       from jsonb_to_recordset($1::text::jsonb)
         as g (kind text, code text, "column" text, message text, cause text)`,
      [JSON.stringify(groups)],
    );
    assert.deepEqual(found.map(({ id }) => id), groups.map(groupId));
  });
  await fc.assert(check, { seed: 1, numRuns: 100 });
});

Deno.test("values, limits and lists of words make no other group; codes, columns and constraints do", () => {
  const refused = (message: string) => ({
    kind: "row" as const,
    code: "database",
    column: null,
    message,
  });
  const invalid = (message: string, column = "age", code = "max") => ({
    kind: "validation" as const,
    code,
    column,
    message: `The ${column} field ${message}`,
  });
  const same: readonly (readonly [GroupIdentity, GroupIdentity])[] = [
    [refused("customer 17 is too old."), refused("customer 4,711.5 is too old.")],
    [refused("no such plan: 'gold'."), refused("no such plan: 'silver 2'.")],
    [invalid("must be at most 20."), invalid("must be at most -3.5.")],
    [invalid("must be between 0 and 9.", "age", "min"), invalid("must be between 0 and 9.")],
    [invalid("must be at most 1 character."), invalid("must be at most 20 characters.")],
    [invalid("must be a date (yyyy-MM-dd)."), invalid("must be a date (unix or dd.MM.yyyy).")],
    [invalid("must be one of a, b."), invalid("must be one of a, b, c.")],
    [
      { ...refused("conflicting key value"), cause: "23P01 no_overlap" },
      { ...refused("kollidierender Schlüsselwert"), cause: "23P01 no_overlap" },
    ],
    [
      { ...refused("A quote that opens on line 3 is not closed."), code: "malformed" },
      { ...refused("A quote that opens on line 77 is not closed."), code: "malformed" },
    ],
  ];
  for (const [one, other] of same) assert.equal(groupId(one), groupId(other), one.message);
  const different: readonly (readonly [GroupIdentity, GroupIdentity])[] = [
    [invalid("is required.", "address1"), invalid("is required.", "address2")],
    [
      { ...refused("The t table refuses this row: check1."), code: "check" },
      { ...refused("The t table refuses this row: check2."), code: "check" },
    ],
    [
      { ...refused("conflicting key value"), cause: "23P01 a" },
      { ...refused("conflicting key value"), cause: "23P01 b" },
    ],
    [invalid("must be at most 20."), invalid("must be at least 20.")],
    [refused("No."), { ...refused("No."), code: "check" }],
  ];
  for (const [one, other] of different) assert.notEqual(groupId(one), groupId(other), one.message);
});
