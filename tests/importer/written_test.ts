/** A definition that is written again means the same, and says nothing that is the default. */
import assert from "node:assert/strict";
import { stringify } from "yaml";
import { asWritten } from "../../src/importer/document/written.ts";
import { accepted } from "./accepted.ts";

const EVERYTHING = `table: crm.customers
description: CRM customers, nightly
time_zone: Europe/Berlin
source:
  type: file
  path: nightly.csv
  override: true
  delimiter: tab
  quote: none
  encoding: windows-1252
  header: [a, "007", "true"]
  skip_lines: 2
  skip_rows: ["^Total"]
  when: { none: [{ column: Type, equals: x }] }
  short_rows: fill
  null_values: { unquoted: [""], any: [NULL] }
key: { columns: [email, code], where: deleted_at is null }
on_duplicate: update_if_newer
on_missing: skip
compare: { source: changed, target: changed_at }
identity: keep
columns:
  full_name: Full Name
  email: { from: [E-Mail, Email], type: email, required: true, transform: [lower, { prefix: x }] }
  code: { pattern: "^[A-Z]{3}$", message: must look like ABC, one_of: ["007", "1.0"] }
  age: { from: Age, type: integer, min: 0, max: 150, on_update: keep }
  born: { type: date, format: dd.MM.yyyy, empty: default }
  balance: { decimal: ",", thousands: ".", accept: [currency, percent] }
  active: { type: boolean, true: [yes, aktiv], false: [no] }
  display: { from: [First, Last], concat: " " }
  status_id: { from: Status, map: { active: 1, inactive: null }, default: -1 }
  changed_at: { from: changed, type: timestamp, trim: false }
  note:
    transform:
      - replace: { pattern: a, with: "1" }
      - suffix: y
      - split: { by: ",", index: -1 }
      - default: none
      - map: { a: b }
  joined: { from: [a, b], transform: [{ concat: "-" }] }
  imported_by: { value: "run \${run.id}", when: { column: Type, equals: "007" } }
  reason:
    from: Reason
    when:
      any:
        - { column: [Type, Kind], one_of: [a, b], ignore_case: true }
        - all: [{ column: a, not: b }, { column: a, not: [b, c] }, { column: c, empty: true }]
        - none: [{ column: a, matches: "^b" }, { column: c, present: true }]
options:
  batch_rows: 1000
  batch_bytes: 1MB
  log_rows: all
  max_errors: 10%
  undo: updates
  undo_for: 36h
  once: true
  keep: { failed_rows: 30d, runs: forever }
  max_failed_rows_logged: null
`;

for (
  const [what, text] of [
    ["everything", EVERYTHING],
    ["only a table", "table: customers\n"],
    ["a key", "table: customers\nkey: email\n"],
    ["a number of errors", "table: customers\noptions: { max_errors: 5, undo_for: 90s }\n"],
  ] as const
) {
  Deno.test(`a definition with ${what} means the same when it is written again`, () => {
    const definition = accepted(text);
    assert.deepEqual(accepted(stringify(asWritten(definition))), definition);
  });
}

Deno.test("what is the default isn't written", () => {
  assert.deepEqual(asWritten(accepted("table: t\nkey: id\ncolumns:\n  id: {}\n  name: Name\n")), {
    table: "t",
    key: ["id"],
    columns: { id: {}, name: "Name" },
  });
});
