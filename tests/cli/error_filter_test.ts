/** `--group`, `--code` and `--column`: the commands that show certain rows only. */
import assert from "node:assert/strict";
import { type Scene, scene } from "./failed_row.ts";

/** Run 3: row 2 has no name and no age, row 3 an age that is no number, row 4 a field too many. */
async function withErrors(): Promise<Scene> {
  const at = await scene();
  const file = `${at.dir}/several.csv`;
  await Deno.writeTextFile(
    file,
    "email,name,age\ng@example.com,G,1\nh@example.com,,x\ni@example.com,I,y\nj@example.com,J,1,2\n",
  );
  const { code } = await at.say("run", "--table", "customers", "--quiet", "--file", file);
  assert.equal(code, 3);
  return at;
}

async function rows(at: Scene, ...args: string[]): Promise<number[]> {
  const { code, out } = await at.say("rows", "3", "--json", ...args);
  assert.equal(code, 0, out);
  return JSON.parse(out).data.map(({ row_number }: { row_number: number }) => row_number);
}

Deno.test("rows and errors show those of a group, a code, a column, or all that is said of one error", async () => {
  await using at = await withErrors();
  const groups = JSON.parse((await at.say("errors", "3", "--json")).out).data;
  const age = groups.validation_summary.find(({ column }: { column: string }) => column === "age");
  assert.deepEqual(await rows(at, "--group", age.group), [2, 3]);
  assert.deepEqual(await rows(at, "--group", age.group.slice(0, 4).toUpperCase()), [2, 3]);
  assert.deepEqual(await rows(at, "--code", "malformed,required"), [2, 4]);
  assert.deepEqual(await rows(at, "--code", "malformed", "--code", "required"), [2, 4]);
  assert.deepEqual(await rows(at, "--column", "name"), [2]);
  assert.deepEqual(await rows(at, "--column", "name", "--code", "type"), []);
  assert.deepEqual(await rows(at, "--column", "age", "--code", "type", "--after", "2"), [3]);
  const { out } = await at.say("errors", "3", "--column", "age");
  assert.match(out, /\nOnly column age: 2 of 3 failed rows\.\n/);
  assert.match(out, /\n {2}2 {2}age: The age field must be a whole number\. {3}[0-9a-f]{6} {3}/);
  assert.match(out, /ingest errors 3 --column age --export failed\.csv/);
  assert.doesNotMatch(out, /name field/);
});

Deno.test("an export of certain rows says first how many of how many these are", async () => {
  await using at = await withErrors();
  const { code, out, err } = await at.say("errors", "3", "--code", "type", "--export", "-");
  assert.equal(code, 0);
  assert.deepEqual(out.trim().split("\r\n").map((line) => line.split(",").at(-2)), [
    "_row_number",
    "2",
    "3",
  ]);
  assert.equal(err, "Writes 2 of 3 failed rows: code type.\nWrote 2 rows.\n");
  const none = await at.say("errors", "3", "--code", "lookup", "--export", `${at.dir}/none.csv`);
  assert.equal(none.code, 0);
  assert.match(none.err, /^No failed row of run 3 has code lookup\. Its errors have the codes: /);
  await assert.rejects(Deno.stat(`${at.dir}/none.csv`));
});

Deno.test("a filter that finds nothing, and one that can't be understood, are told in one line", async () => {
  await using at = await withErrors();
  const ids = JSON.parse((await at.say("errors", "3", "--json")).out).data.error_summary
    .map(({ group }: { group: string }) => group);
  // Two groups that look alike, and one that another run has.
  await at.db.session.execute(
    `update ingest.batch_errors set fingerprint = 'abcdef01' || substr(fingerprint, 9)
     where run_id = 3 and fingerprint like any ($1)`,
    [ids.map((id: string) => `${id}%`)],
  );
  await at.db.session.execute(
    `insert into ingest.batch_errors
     select 1, 1, kind, 'beef0000beef0000:type', message, code, "column", count, sample_rows, rows,
       last_row
     from ingest.batch_errors where run_id = 3 limit 1`,
  );
  const said: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["--column", "nme"], 0, /^No failed row of run 3 has column nme\..* columns: age, name\.$/],
    [["--code", "lookup"], 0, /^No failed row of run 3 has code lookup\./],
    [["--group", "dead"], 5, /^ingest: Run 3 has no group dead\. `ingest errors 3` lists its/],
    [["--group", "beef"], 5, /^ingest: Run 3 has no group beef, run 1 has it\. `ingest errors 3`/],
    [["--group", "abcdef"], 2, /^ingest: 2 groups of run 3 begin with abcdef: .{9,}, .{9,}\. Give/],
    [["--group", "abc"], 2, /at least its first 4 digits/],
    [["--group", "0123456789abcdef0"], 2, /at least its first 4 digits/],
    [["--group", "wxyz"], 2, /at least its first 4 digits/],
    [["--code", "tipe"], 2, /There is no code tipe; did you mean "type"\?/],
    [["--code", ""], 2, /There is no such code\. Codes: required, /],
    [["--column", ""], 2, /Expected names/],
  ];
  for (const [args, expected, message] of said) {
    for (const command of ["rows", "errors"]) {
      const { code, out, err } = await at.say(command, "3", ...args);
      assert.deepEqual([code, out], [expected, ""], args.join(" "));
      assert.equal(err.trim().split("\n").length, 1, err);
      assert.match(err.trim(), message);
    }
  }
});

Deno.test("a retry of certain errors says how many rows that is, and takes no file", async () => {
  await using at = await withErrors();
  const { code, out, err } = await at.say("retry", "3", "--code", "type", "--column", "age");
  assert.equal(code, 3);
  assert.match(err, /^ingest: Retries 2 of 3 failed rows of run 3: code type and column age\.\n/);
  assert.match(out, /\nretries 2 of 3 failed rows: code type and column age\n/);
  const { data } = JSON.parse((await at.say("status", "4", "--json")).out);
  assert.deepEqual(data.only, { rows: 2, of: 3, errors: "code type and column age" });
  assert.equal(data.progress.total, 2);
  const none = await at.say("retry", "3", "--code", "lookup");
  assert.equal(none.code, 0);
  assert.match(none.err, /^ingest: No failed row of run 3 has code lookup\./);
  assert.equal((await at.say("retry", "3", "--group", "dead")).code, 5);
  const file = await at.say("retry", "3", "--code", "type", "--file", `${at.dir}/several.csv`);
  assert.equal(file.code, 2);
  assert.match(
    file.err,
    /^ingest: --file names the rows to try: leave out --group, --code and --col/,
  );
  assert.equal((await at.say("status", "5")).code, 5);
});
