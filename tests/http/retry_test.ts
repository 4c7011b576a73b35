import assert from "node:assert/strict";
import {
  customers,
  form,
  outcome,
  sendJson,
  servingCustomers,
  TWO_BAD,
  upload,
  uploadAndDrive,
} from "./customer_runs.ts";
import type { Serving } from "./serving.ts";

/** The failed rows of TWO_BAD, repaired. */
function repaired(id: number): string {
  return [
    "email,name,age,_error_message,_row_number,_run_id",
    `bob@example.com,Bob,5,,2,${id}`,
    `'=cmd@example.com,Cmd,7,,3,${id}`,
    "",
  ].join("\r\n");
}

function retry(api: Serving, id: number, body?: FormData) {
  return api.ask(`/${id}/retry`, { method: "POST", body });
}

Deno.test("a run without failed rows has nothing to retry: 400, in exactly these words", async () => {
  await using api = await servingCustomers();
  const good = await uploadAndDrive(api, customers(3));
  const { status, body } = await retry(api, good);
  assert.equal(status, 400);
  assert.deepEqual(body, {
    message: "The original run has no failed rows to retry.",
    code: "nothing_to_retry",
  });
});

Deno.test("an edited file of failed rows repairs them, and the run knows it", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const { status, body } = await retry(api, id, form(repaired(id)));
  assert.equal(status, 202);
  assert.deepEqual(
    [body.data.parent_id, body.data.retried_from_run_id, body.data.dry_run],
    [id, id, false],
  );
  await api.drive(body.data.id);
  const shown = (await api.ask(`/${body.data.id}`)).body.data;
  assert.deepEqual([shown.status, shown.progress.created], ["completed", 2]);
  assert.equal((await api.ask(`/${id}`)).body.data.progress.unresolved, 0);
  const loaded = await api.database.session.query<{ email: string }>(
    "select email from customers order by email",
  );
  // The apostrophe that defused the formula is removed.
  assert.deepEqual(loaded.map(({ email }) => email), [
    "=cmd@example.com",
    "ana@example.com",
    "bob@example.com",
  ]);
  assert.equal(outcome(await retry(api, id)), "400 nothing_to_retry");
  assert.equal(
    outcome(await api.ask(`/${id}/failed-rows/download`)),
    "404 no_failed_rows",
  );
});

Deno.test("what a spreadsheet did to the cells is refused, unless the request accepts it", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD.replace("Bob", "0049"));
  const file = repaired(id).replace("Bob", "49");
  const refused = await retry(api, id, form(file));
  assert.equal(outcome(refused), "409 conflict");
  assert.match(refused.body.message, /"name": leading zeros gone in 1 cell .*accept_changes/u);
  assert.equal((await api.ask("")).body.data.length, 1);
  const dry = await retry(api, id, form(file, { dry_run: "true" }));
  assert.equal(dry.status, 202);
  assert.match(dry.body.data.warnings.join(), /leading zeros gone/u);
  const [changed] = dry.body.data.changed_cells;
  assert.deepEqual([changed.column, changed.cells, changed.by_spreadsheet], ["name", 2, 1]);
  assert.deepEqual(changed.samples[0], { line: 2, before: "0049", after: "49" });
  await api.drive(dry.body.data.id);
  const taken = await retry(api, id, form(file, { accept_changes: "true" }));
  assert.equal(taken.status, 202, JSON.stringify(taken.body));
  await api.drive(taken.body.data.id);
  assert.equal(
    outcome(
      await api.ask("/upload/customers", {
        method: "POST",
        body: form(customers(1), { accept_changes: "true" }),
      }),
    ).slice(0, 3),
    "422",
  );
});

Deno.test("no retry starts while another one is active, or while the run has not ended", async () => {
  await using api = await servingCustomers();
  const open = await upload(api, TWO_BAD);
  const early = await retry(api, open);
  assert.equal(outcome(early), "409 conflict");
  assert.match(early.body.message, /^Cannot retry run 1: it is pending\./u);
  await api.drive(open);
  const answers = await Promise.all([retry(api, open), retry(api, open)]);
  const made = answers.filter(({ status }) => status === 202);
  const refused = answers.filter(({ status }) => status === 409);
  assert.deepEqual([made.length, refused.length], [1, 1]);
  assert.match(refused[0].body.message, /^Cannot retry run 1: run 2 is already retrying run 1\. /u);
  const [{ active }] = await api.database.session.query<{ active: number }>(
    `select count(*)::int as active from ingest.runs
     where parent_id = $1 and completed_at is null`,
    [open],
  );
  assert.equal(active, 1);
});

Deno.test("the retry of a dry run is a dry run, unless the request says otherwise", async () => {
  await using api = await servingCustomers();
  const sent = await api.ask("/upload/customers", {
    method: "POST",
    body: form(TWO_BAD, { dry_run: "true" }),
  });
  const id = sent.body.data.id;
  assert.equal(sent.body.data.dry_run, true);
  await api.drive(id);
  const asked = async (init: RequestInit) => {
    const { status, body } = await api.ask(`/${id}/retry`, init);
    assert.equal(status, 202, JSON.stringify(body));
    await api.ask(`/${body.data.id}/cancel`, { method: "POST" });
    return body.data.dry_run;
  };
  assert.equal(await asked({ method: "POST" }), true);
  assert.equal(await asked(sendJson({ dry_run: false })), false);
  assert.equal(await asked({ method: "POST", body: form(repaired(id)) }), true);
  assert.equal(
    await asked({ method: "POST", body: form(repaired(id), { dry_run: "false" }) }),
    false,
  );
});

/** Files that are not exports of run 1, and the answers to them. */
const WRONG_FILES: readonly (readonly [string, string, string, RegExp])[] = [
  ["other.csv", "a,b\n1,2\n", "409 conflict", /^Cannot retry run 1: other\.csv has no column/u],
  ["of run 77.csv", repaired(77), "409 conflict", /of run 77\.csv, line 2: _run_id is 77/u],
  [
    "twice.csv",
    `${repaired(1)}bob@example.com,Bob,5,,2,1\r\n`,
    "409 conflict",
    /twice\.csv, line 4: /u,
  ],
  [
    "broken.csv",
    'email,name,age,_error_message,_row_number,_run_id\n"x',
    "409 conflict",
    /broken\.csv, line 2: A quote is not closed/u,
  ],
  ["empty.csv", "", "422 source", /^Cannot import empty\.csv: the file is empty\.$/u],
  [
    "zip.csv",
    "PK\x03\x04\0\0",
    "422 source",
    /^Cannot import zip\.csv: the zip archive is incomplete/u,
  ],
];

Deno.test("a file that doesn't fit is refused, the message names it, and nothing of it stays", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const stored = async () => (await Array.fromAsync(Deno.readDir(api.storage))).length;
  const before = await stored();
  for (const [name, csv, expected, words] of WRONG_FILES) {
    const refused = await retry(api, id, form(csv, {}, name));
    assert.equal(outcome(refused), expected, name);
    assert.match(refused.body.message, words);
    assert.doesNotMatch(JSON.stringify(refused.body), /\/tmp|storage|ingest-http/u);
  }
  assert.equal(await stored(), before);
  assert.equal((await api.ask("")).body.data.length, 1);
});

Deno.test("a retry uses the current definition, or the one that the run had", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  await Deno.writeTextFile(
    `${api.folder}/importers/customers.yaml`,
    "table: customers\nkey: [email]\ncolumns:\n  email: email\n  name: { from: name, default: N }\n" +
      "  age: { from: age, map: { x: '9' }, default: '1' }\n",
  );
  const old = await api.ask(`/${id}/retry`, sendJson({ original_definition: true }));
  await api.drive(old.body.data.id);
  assert.equal((await api.ask(`/${old.body.data.id}`)).body.data.progress.failed, 2);
  const now = await retry(api, id);
  await api.drive(now.body.data.id);
  assert.equal((await api.ask(`/${now.body.data.id}`)).body.data.status, "completed");
  await Deno.remove(`${api.folder}/importers/customers.yaml`);
  const another = await uploadAndDrive(api, TWO_BAD, "everything");
  await Deno.remove(`${api.folder}/importers/everything.yaml`);
  assert.equal(outcome(await retry(api, another)), "404 unknown_importer");
});

Deno.test("a retry of certain errors tries only the rows that have them", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const none = await api.ask(`/${id}/retry`, sendJson({ code: "lookup" }));
  assert.equal(outcome(none), "400 nothing_to_retry");
  assert.match(none.body.message, /^No failed row of run \d+ has code lookup\./);
  for (const body of [{ code: "odd" }, { group: "abc" }, { column: [] }, { groups: "abcd" }]) {
    assert.equal(outcome(await api.ask(`/${id}/retry`, sendJson(body))), "422 validation");
  }
  const made = await api.ask(`/${id}/retry`, sendJson({ code: ["type", "min"], column: "age" }));
  assert.equal(made.status, 202);
  assert.deepEqual(made.body.data.only, {
    rows: 1,
    of: 2,
    errors: "code type or min and column age",
  });
  await api.drive(made.body.data.id);
  const { body } = await api.ask(`/${made.body.data.id}`);
  assert.equal(body.data.progress.total, 1);
});
