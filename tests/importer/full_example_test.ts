import assert from "node:assert/strict";
import { accepted, PLAIN } from "./accepted.ts";

Deno.test("the full example, without unsupported features, is read correctly", () => {
  const definition = accepted(`
table: public.customers        # required; everything else has a default
description: CRM customers, nightly
source:
  type: file
  path: imports/daily.csv
  override: true
  format: auto
  delimiter: auto
  encoding: auto
  header: true
  skip_lines: 0
  skip_after_header: 1
  skip_footer: 2
  skip_rows: ["^Total", 7]
  null_values: ["", "NULL"]
key: [email]
on_duplicate: update_if_newer
on_missing: insert
compare: { source: last_modified, target: updated_at }
columns:
  full_name: Full Name
  email:
    from: [E-Mail, Email Address, email]
    type: email
    required: true
    transform: [trim, lower]
  age: { from: Age, type: integer, min: 0, max: 150 }
  signup_date: { from: Signed up, type: date, format: ["yyyy-MM-dd", "dd.MM.yyyy"] }
  balance: { from: Balance, type: numeric, decimal: ",", thousands: "." }
  active: { from: Active, type: boolean, true: [yes, aktiv], false: [no, inaktiv] }
  plan: { from: Plan, one_of: [free, pro, team], default: free }
  code: { from: Code, pattern: "^[A-Z]{3}-\\\\d{4}$", message: "must look like ABC-1234" }
  display: { from: [First, Last], concat: " " }
  status_id: { from: Status, map: { active: 1, inactive: 0 }, default: -1 }
  imported_by: { value: ingest }
options:
  batch_rows: 5000
  batch_bytes: 1MB
  transaction: batch
  log_rows: failed
  strict_headers: false
  unmapped: ignore
  max_errors: null
`);
  assert.deepEqual(definition.source, {
    type: "file",
    path: "imports/daily.csv",
    override: true,
    format: "auto",
    delimiter: "auto",
    quote: "auto",
    escape: null,
    encoding: "auto",
    header: true,
    sheet: null,
    skip_lines: 0,
    skip_after_header: 1,
    skip_footer: 2,
    skip_rows: ["^Total", "7"],
    skip_empty_rows: true,
    short_rows: "fail",
    comment: null,
    null_values: ["", "NULL"],
  });
  assert.equal(definition.description, "CRM customers, nightly");
  assert.deepEqual(definition.key, ["email"]);
  assert.equal(definition.on_duplicate, "update_if_newer");
  assert.deepEqual(definition.compare, { source: "last_modified", target: "updated_at" });
  assert.deepEqual(definition.columns, {
    full_name: { ...PLAIN, from: ["Full Name"] },
    email: {
      ...PLAIN,
      from: ["E-Mail", "Email Address", "email"],
      type: "email",
      required: true,
      transform: [{ op: "trim" }, { op: "lower" }],
    },
    age: { ...PLAIN, from: ["Age"], type: "integer", min: 0, max: 150 },
    signup_date: {
      ...PLAIN,
      from: ["Signed up"],
      type: "date",
      format: ["yyyy-MM-dd", "dd.MM.yyyy"],
    },
    balance: { ...PLAIN, from: ["Balance"], type: "numeric", decimal: ",", thousands: "." },
    active: {
      ...PLAIN,
      from: ["Active"],
      type: "boolean",
      true: ["yes", "aktiv"],
      false: ["no", "inaktiv"],
    },
    plan: { ...PLAIN, from: ["Plan"], one_of: ["free", "pro", "team"], default: "free" },
    code: {
      ...PLAIN,
      from: ["Code"],
      pattern: "^[A-Z]{3}-\\d{4}$",
      message: "must look like ABC-1234",
    },
    display: { ...PLAIN, from: ["First", "Last"], concat: " " },
    status_id: {
      ...PLAIN,
      from: ["Status"],
      map: { active: "1", inactive: "0" },
      default: "-1",
    },
    imported_by: { ...PLAIN, from: [], value: "ingest" },
  });
  // Each run stores it as JSON.
  assert.deepEqual(JSON.parse(JSON.stringify(definition)), definition);
});
