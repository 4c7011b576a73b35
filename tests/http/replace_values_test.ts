/** One value corrected wherever it is. */
import assert from "node:assert/strict";
import { cell, correct, correcting, loaded, pending, replace } from "./correcting.ts";
import { outcome, sendJson } from "./customer_runs.ts";

/** Rows 1 to 6; all fail. */
const FILE = `Nr,E-Mail,Team,Age
1,a@x.de,gren,3
2,b@x.de,gren,4
3,c@,gren,5
4,d@x.de,blu,6
5,e@x.de,,-1
6,f@x.de
`;

Deno.test("a replacement that can't be made is refused", async () => {
  await using api = await correcting();
  const id = await loaded(api, FILE);
  const refused = async (body: object, expected: string, why: RegExp) => {
    const answer = await replace(api, id, body);
    assert.equal(outcome(answer), expected, JSON.stringify(answer.body));
    assert.match(answer.body.message, why);
    assert.deepEqual(await pending(api, id), {});
  };
  const asked = { column: "Team", from: "gren", to: "red" };
  await refused({}, "422 validation", /column/);
  await refused(
    { ...asked, column: "team" },
    "422 validation",
    /no column "team"; did you mean "T/,
  );
  await refused({ ...asked, to: "gren" }, "422 validation", /the same as in `from`/);
  await refused({ ...asked, to: "a\0" }, "422 validation", /NUL/);
  await refused({ ...asked, only: { code: "nonsense" } }, "422 validation", /only/);
  await refused({ ...asked, only: { group: "dead" } }, "404 no_such_group", /no group dead/);
  await refused({ ...asked, group: "dead" }, "422 validation", /no such field/);
  const { body } = await replace(api, id, { ...asked, from: "a\0" });
  assert.deepEqual([body.rows, body.data.rows], [0, []]);
});

Deno.test("a value is corrected in all failed rows that are left, and counted before", async () => {
  await using api = await correcting();
  const id = await loaded(api, FILE);
  const dry = await replace(api, id, { column: "Team", from: "gren", to: "red", dry_run: true });
  assert.deepEqual(dry.body, { message: "Would correct 3 rows.", rows: 3, dry_run: true });
  assert.deepEqual(await pending(api, id), {});

  await api.ask(`/${id}/waive`, sendJson({ rows: "2", reason: "a test" }));
  const { body } = await replace(api, id, { column: "Team", from: "gren", to: "red" });
  assert.deepEqual([body.message, body.rows], ["Corrected 2 rows.", 2]);
  assert.deepEqual([body.data.right, body.data.wrong], [1, 1]);
  assert.deepEqual(await pending(api, id), { 1: { Team: "red" }, 3: { Team: "red" } });

  // Cells hold what they were corrected to; those that were missing are empty.
  await correct(api, id, [cell(4, "Age", "8")]);
  assert.equal((await replace(api, id, { column: "Age", from: "8", to: "9" })).body.rows, 1);
  assert.equal((await replace(api, id, { column: "Age", from: "", to: "1" })).body.rows, 1);
  assert.equal((await replace(api, id, { column: "Team", from: "gren", to: "x" })).body.rows, 0);
  assert.deepEqual(await pending(api, id), {
    ...{ 1: { Team: "red" }, 3: { Team: "red" }, 4: { Age: "9" }, 6: { Age: "1" } },
  });
  // Back to what the file has: that is no correction any more.
  assert.equal((await replace(api, id, { column: "Team", from: "red", to: "gren" })).body.rows, 2);
  assert.deepEqual(await pending(api, id), { 4: { Age: "9" }, 6: { Age: "1" } });

  const { body: retry } = await api.ask(`/${id}/retry`, { method: "POST" });
  await api.drive(retry.data.id);
  // Row 6 is fixed.
  assert.equal((await replace(api, id, { column: "Age", from: "1", to: "2" })).body.rows, 0);
  assert.deepEqual(await pending(api, id), { 4: { Age: "9" } });
});

Deno.test("a replacement takes only rows with certain errors, if told so", async () => {
  await using api = await correcting();
  const id = await loaded(api, FILE);
  const asked = { column: "Team", from: "gren", to: "red" };
  const rows = async (only: object) =>
    (await replace(api, id, { ...asked, only, dry_run: true })).body.rows;
  assert.equal(await rows({}), 3);
  assert.equal(await rows({ code: "foreign_key" }), 2);
  assert.equal(await rows({ code: ["foreign_key", "type"] }), 3);
  assert.equal(await rows({ column: "E-Mail" }), 1);
  assert.equal(await rows({ code: "check" }), 0);
  const { body } = await replace(api, id, { ...asked, only: { column: "email" } });
  assert.equal(body.rows, 1);
  assert.deepEqual(await pending(api, id), { 3: { Team: "red" } });
});

Deno.test("values of rows that are logged with quotes, or as more than they should be, are found", async () => {
  await using api = await correcting();
  const id = await loaded(
    api,
    'Nr,E-Mail,Team,Age\n1,"a@,""x""",gr,1\n2,"a@,""x""",gr,1,more\n3,b@x.de,"a\nb",1\n',
  );
  assert.equal(
    (await replace(api, id, { column: "E-Mail", from: 'a@,"x"', to: "a@x.de" })).body.rows,
    2,
  );
  assert.equal((await replace(api, id, { column: "Team", from: "a\nb", to: "red" })).body.rows, 1);
});

Deno.test("thousands of rows are corrected, wherever they are", async () => {
  await using api = await correcting();
  const rows = Array.from(
    { length: 70_000 },
    (_, n) => `${n},x@x.de,${n % 2 ? "gren" : "blu"},1\n`,
  );
  const id = await loaded(api, `Nr,E-Mail,Team,Age\n${rows.join("")}`);
  const { body } = await replace(api, id, { column: "Team", from: "gren", to: "red" });
  assert.deepEqual([body.rows, body.data.right, body.data.rows.length], [35_000, 100, 100]);
  const [{ n }] = await api.database.session.query<{ n: number }>(
    `select count(*) as n from ingest.corrections where cells = '{"Team": "red"}'`,
  );
  assert.equal(n, 35_000);
});
