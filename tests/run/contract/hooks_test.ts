/** Each line about hooks: what they change is in the table, what they refuse is told for its row. */
import assert from "node:assert/strict";
import { hooking } from "../hooking.ts";

const HOOKS = `export default ({ z }) => ({
  schema: z.object({ "E-Mail": z.email("is no address") }),
  beforeRow(row, { number, run }) {
    if (row.Name === "Nobody") throw new Error("Nobody is not imported.");
    if (number === 5 && run > 0) row.Name = row.Name.trim() + "!";
  },
  columns: { full_name: (value, row) => \`\${row.First} \${value}\` },
  async afterBatch({ rows, sql }) {
    await sql\`insert into batches values (\${rows.length})\`;
    if (rows.some((row) => row.First === "Undone")) throw new Error("Not this batch.");
  },
});`;

const DEFINITION = `table: people
columns: { email: E-Mail, full_name: { from: Name, max_length: 12 } }
options: { log_rows: all, batch_rows: 100 }
`;

Deno.test("hooks: a schema, beforeRow, columns and afterBatch; a dry run says the same of each row", async () => {
  await using hooks = await hooking(
    "create table people (email text, full_name text); create table batches (rows int)",
  );
  await hooks.write(DEFINITION, HOOKS);
  const file = `E-Mail,First,Name
ann@x.example,Ann,Lee
nobody,Bob,Ray
cid@x.example,Cid,Nobody
dee@x.example,Dee,Much too long
eve@x.example,Eve,Moon
`;
  const outcomes = (id: number) =>
    hooks.query(
      `select row_number, status, errors from ingest.rows where run_id = ${id} order by 1`,
    );
  const tried = await hooks.run(file, true);
  assert.deepEqual(await hooks.query("select from people"), []);
  assert.deepEqual(await hooks.query("select from batches"), []);

  const run = await hooks.run(file);
  assert.deepEqual(await hooks.query("select p::text as row from people p order by 1"), [
    { row: '(ann@x.example,"Ann Lee")' },
    { row: '(eve@x.example,"Eve Moon!")' },
  ]);
  assert.deepEqual(await hooks.query("select rows from batches"), [{ rows: 2 }]);
  assert.deepEqual(await hooks.failures(run), [
    "2 hook email E-Mail: is no address",
    "3 hook - Nobody is not imported.",
    "4 max_length full_name The full_name field must not be longer than 12 characters.",
  ]);
  assert.deepEqual(await outcomes(tried.id), await outcomes(run.id));

  const undone = await hooks.run("E-Mail,First,Name\nundone@x.example,Undone,Row\n");
  assert.deepEqual(await hooks.failures(undone), ["1 hook - afterBatch: Not this batch."]);
  assert.deepEqual(await hooks.query("select rows from batches"), [{ rows: 2 }]);
});
