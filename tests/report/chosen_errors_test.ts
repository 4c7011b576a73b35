/** Rows are found by their errors: whoever has written them, in whichever batch. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseRows, listGroups } from "../../src/ledger/groups/chosen_errors.ts";
import type { ErrorChoice } from "../../src/ledger/groups/error_choice.ts";
import { groupId, type GroupKind } from "../../src/ledger/groups/group_id.ts";
import type { RowErrors } from "../../src/ledger/rows/rows.ts";
import { RowSet } from "../../src/ledger/rows/row_set.ts";
import { rowReports } from "../../src/report/row_reports.ts";
import { type Workshop, workshop } from "../run/importing.ts";

/** A table whose trigger words as many errors as there are words. */
const TABLES = `
create table people (id int primary key, name text not null check (name <> 'nobody'), age int);
create function refuse() returns trigger language plpgsql as $$
begin
  if new.name like 'no %' then raise exception 'nobody is called % %', new.name, new.id; end if;
  return new;
end $$;
create trigger refuse before insert on people for each row execute function refuse()`;
const DEFINITION = `
table: public.people
key: [id]
on_duplicate: fail
columns:
  id: { from: id, required: true }
  name: { from: name, max_length: 12 }
  age: { from: age, type: integer, min: 0, max: 150 }
`;
const cell = {
  id: fc.oneof(
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 31, max: 9999 }),
    fc.constant(""),
  ),
  name: fc.oneof(
    { arbitrary: fc.constantFrom("Ada", "nobody", "", "far too long a name"), weight: 3 },
    fc.string({ unit: fc.constantFrom("x", "y", "z"), minLength: 2, maxLength: 3 })
      .map((name) => `no ${name}`),
  ),
  age: fc.constantFrom("1", "200", "-1", "x", ""),
  rest: fc.constantFrom("", "", "", ",more", '"'),
};
const line = fc.record(cell).map(({ id, name, age, rest }) => `${id},${name},${age}${rest}`);
const file = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 120 }),
  batchRows: fc.constantFrom(3, 10, 1000),
});

/** A row's errors as groups would have to count them, from its log alone. */
function groupsOf({ message, validation, details }: RowErrors) {
  const seen = new Map<string, number>();
  const group = (kind: GroupKind, code: string, column: string | null, message: string) => ({
    id: groupId({ kind, code, column, message }),
    code,
    column,
  });
  const [first] = details;
  if (Object.keys(validation).length === 0) {
    return [group("row", first.code, first.column, message)];
  }
  return [
    group("row", "validation", null, message),
    ...details.map(({ code, column: name }) => {
      const column = name ?? "";
      const nth = seen.get(column) ?? 0;
      seen.set(column, nth + 1);
      return group("validation", code, column, validation[column][nth]);
    }),
  ];
}

interface Logged {
  readonly row_number: number;
  readonly errors: RowErrors;
}

async function assertFound(shop: Workshop, run: number): Promise<void> {
  const logged = await shop.session.query<Logged>(
    `select row_number, errors from ingest.rows where run_id = $1 and status = 'failed'
     order by row_number`,
    [run],
  );
  const rows = logged.map(({ row_number, errors }) => ({ row_number, groups: groupsOf(errors) }));
  const groups = rows.flatMap(({ groups }) => groups);
  const choices: ErrorChoice[] = [
    ...groups.slice(0, 12).map(({ id }) => ({ groups: [id], codes: null, columns: null })),
    ...groups.slice(0, 5).map(({ id, code, column }) => ({
      groups: [id],
      codes: [code],
      columns: column === null ? null : [column],
    })),
    ...["type", "min", "max", "required", "database", "duplicate_in_file"].map((code) => ({
      ...{ groups: null, codes: [code], columns: null },
    })),
    { groups: null, codes: null, columns: ["age", "name"] },
    { groups: null, codes: ["max"], columns: ["name"] },
  ];
  const are = (choice: ErrorChoice) => (group: ReturnType<typeof groupsOf>[number]) =>
    (choice.groups?.includes(group.id) ?? true) && (choice.codes?.includes(group.code) ?? true) &&
    (choice.columns?.includes(group.column ?? "") ?? true);
  for (const choice of choices) {
    const expected = rows.filter(({ groups }) => groups.some(are(choice)))
      .map(({ row_number }) => row_number);
    const why = JSON.stringify(choice);
    assert.deepEqual((await chooseRows(shop.ledger, run, choice)).list(), expected, why);
    for (const [after, limit] of [[0, 1], [1, 3], [40, 2]]) {
      const page = await chooseRows(shop.ledger, run, choice, { after, limit });
      const next = expected.filter((row) => row > after).slice(0, limit);
      assert.deepEqual(page.list(limit), next, why);
    }
  }
}

Deno.test("rows are found by group, code and column as their log says, whichever batch or version wrote them", async () => {
  await using shop = await workshop(TABLES);
  const check = fc.asyncProperty(file, fc.constantFrom(0, 2, 1), async (file, old) => {
    await shop.session.execute("truncate people");
    const { lines, batchRows } = file;
    const definition = `${DEFINITION}options: { batch_rows: ${batchRows} }`;
    const run = await shop.create(definition, ["id,name,age", ...lines, ""].join("\n"));
    await shop.drive(run);
    // Every second batch, or all of them, as an older version has written them.
    if (old > 0) {
      await shop.session.execute(
        `update ingest.batch_errors set rows = null, last_row = null,
           fingerprint = md5(fingerprint) || '01234567'
         where run_id = $1 and batch % $2 = 0`,
        [run.id, old],
      );
    }
    await assertFound(shop, run.id);
  });
  await fc.assert(check, { seed: 1, numRuns: 12 });
});

Deno.test("errors of more kinds than a batch tells apart are found, too", async () => {
  await using shop = await workshop(TABLES.replace("% %', new.name, new.id", "%', new.name"));
  const letters = "abcdefghijklmnopqrstuvwxyz".split("");
  const names = letters.flatMap((one) => letters.slice(0, 10).map((other) => `no ${one}${other}`));
  const lines = names.map((name, i) => `${i + 1},${name},${i % 7 === 0 ? "x" : ""}`);
  const run = await shop.create(DEFINITION, ["id,name,age", ...lines, ""].join("\n"));
  await shop.drive(run);
  const groups = await listGroups(shop.ledger, run.id);
  assert.ok(groups.some(({ code }) => code === "other"));
  await assertFound(shop, run.id);
  const last = `The people table refuses this row: nobody is called ${names.at(-2)}.`;
  const id = groupId({ kind: "row", code: "database", column: null, message: last });
  const found = await chooseRows(shop.ledger, run.id, { groups: [id], codes: null, columns: null });
  assert.deepEqual(found.list(), [names.length - 1]);
});

Deno.test("pages of chosen rows are complete although rows are no longer logged", async () => {
  await using shop = await workshop(TABLES);
  const lines = Array.from({ length: 200 }, (_, i) => `${i + 1},Ada,x`);
  const run = await shop.create(DEFINITION, ["id,name,age", ...lines, ""].join("\n"));
  const ended = await shop.drive(run);
  await shop.session.execute(
    "delete from ingest.rows where row_number % 3 <> 0 or row_number between 10 and 150",
  );
  const choice = { groups: null, codes: ["type"], columns: null };
  const rows: number[] = [];
  for (let after = 0, more = true; more; after = rows[rows.length - 1]) {
    const filter = { status: null, after, limit: 4 };
    const page = await rowReports(shop.ledger, ended, filter, choice);
    rows.push(...page.rows.map((row) => row.row_number));
    more = page.more;
  }
  const left = Array.from({ length: 200 }, (_, i) => i + 1)
    .filter((row) => row % 3 === 0 && (row < 10 || row > 150));
  assert.deepEqual(rows, left);
  assert.equal(RowSet.of(rows).size, left.length);
});
