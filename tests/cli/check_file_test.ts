import assert from "node:assert/strict";
import { runCommandLine } from "../../src/cli/main.ts";
import { testDatabase } from "../support/database.ts";
import { encodedAs } from "../source/encoding/encoded.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";

const TABLE = `create table people (
  id int primary key, full_name text not null, joined date, amount numeric, note text)`;

const DEFINITION = `table: people
key: [id]
columns:
  id: { from: Nr, type: integer }
  full_name: { from: Name, transform: [upper] }
  joined: { from: Joined, type: date, format: dd.MM.yyyy }
  amount: { from: Amount, type: numeric, decimal: "," }
`;

async function checked(file: string | Uint8Array, ...args: readonly string[]) {
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(TABLE);
  const path = `${dir.path}/people.csv`;
  await Deno.writeFile(path, typeof file === "string" ? new TextEncoder().encode(file) : file);
  await Deno.writeTextFile(`${dir.path}/people.yaml`, DEFINITION);
  const { output, stdout, stderr } = memoryOutput();
  const where = ["--file", path, "--importers", dir.path, "--database-url", db.url];
  const code = await runCommandLine(["check", ...args, ...where], output);
  const left = [...Deno.readDirSync(dir.path)].map(({ name }) => name).toSorted();
  assert.deepEqual(left, ["people.csv", "people.yaml"]);
  const [{ made }] = await db.session.query<{ made: boolean }>(
    "select to_regnamespace('ingest') is not null as made",
  );
  assert.equal(made, false, "nothing is written to the database");

  return { code, out: stdout.text.replaceAll(dir.path, "@"), err: stderr.text };
}

Deno.test("check --file shows how a file is read, what fills what, and the rows as they'd be loaded", async () => {
  const text = "Nr;Name;Joined;Amount;Extra\n1;Jürgen;15.07.2024;1,50;x\n2;Zoë;;;\n";
  const { code, out } = await checked(encodedAs("windows-1252", text), "people", "--json");
  assert.equal(code, 0);
  const { warnings, ...report } = JSON.parse(out).data;
  assert.deepEqual(report, {
    importer: "people",
    table: "people",
    file: "@/people.csv",
    ok: true,
    problems: [],
    only_beginning: false,
    files: null,
    read_as: {
      encoding: "windows-1252",
      format: "csv",
      delimiter: ";",
      quote: '"',
      line_end: "lf",
      first_line: 2,
      unpacked: null,
    },
    header: ["Nr", "Name", "Joined", "Amount", "Extra"],
    header_line: 1,
    time_zone: null,
    table_columns: [
      { name: "id", type: "integer", required: true, has_default: false },
      { name: "full_name", type: "text", required: true, has_default: false },
      { name: "joined", type: "date", required: false, has_default: false },
      { name: "amount", type: "numeric", required: false, has_default: false },
      { name: "note", type: "text", required: false, has_default: false },
    ],
    mapping: [
      { column: "id", type: "integer", required: true, from: ["Nr"] },
      { column: "full_name", type: "text", required: true, from: ["Name"] },
      { column: "joined", type: "date", required: false, from: ["Joined"] },
      { column: "amount", type: "numeric", required: false, from: ["Amount"] },
    ],
    not_used: ["Extra"],
    not_filled: ["note"],
    rows: [
      {
        row_number: 1,
        line: 2,
        cells: ["1", "Jürgen", "15.07.2024", "1,50", "x"],
        values: { id: "1", full_name: "JÜRGEN", joined: "2024-07-15", amount: "1.50" },
        errors: [],
      },
      {
        row_number: 2,
        line: 3,
        cells: ["2", "Zoë", "", "", ""],
        values: { id: "2", full_name: "ZOË", joined: null, amount: null },
        errors: [],
      },
    ],
    looked_at: 2,
    failing: 0,
    failing_rows: [],
    mistakes: [],
    duplicates: {
      ...{ key: ["id"], on_duplicate: "skip", on_missing: "insert", in_table: 0, in_file: 0 },
    },
    loaded_before: null,
  });
  assert.match(warnings.join("\n"), /^Read as windows-1252, since it is not UTF-8\./);
});

Deno.test("check --file names what most rows fail for, and a line of units", async () => {
  const rows = "1,A,2024-07-15,1.5\n2,B,2024-07-16,2\n3,C,16.07.2024,3\n";
  const { code, out } = await checked(`Nr,Name,Joined,Amount\n${rows}`, "people");
  assert.equal(code, 0);
  assert.match(out, /^ok {2}@\/people\.csv → people → people$/m);
  assert.match(out, /^encoding {3}utf-8$/m);
  assert.match(out, /^ {2}id {8}← Nr {2}\(integer\)$/m);
  assert.match(out, /^not filled columns of the table: note$/m);
  assert.match(out, /^warning: 2 of the first 3 rows would fail: .*dd\.MM\.yyyy/m);
  assert.match(out, /^2 of the first 3 rows would fail before Postgres sees them\./m);

  const units = "Nr,Name,Joined,Amount\n-,text,date,EUR\n" + "1,A,15.07.2024,1\n2,B,16.07.2024,2\n";
  const warned = await checked(units, "people");
  assert.match(warned.out, /Line 2 is no row like the others\..*skip_after_header: 1/);

  const short = "Nr,Name,Joined,Amount\n1,A\n2,B,16.07.2024,2\n3,C,16.07.2024\n";
  assert.match(
    (await checked(short, "people")).out,
    /^warning: 2 of the 2 rows that can't be read would fit source: \{ short_rows: fill \}/m,
  );
});

Deno.test("check --file says on which line the header is, what zone holds, and what would fit the values", async () => {
  const rows = "1;A;7/15/2024 10:30;$1,50\n2;B;7/16/2024 9:00;$2,00\n";
  const file = `Report\n\nNr;Full Name;Joined At;Amount\n${rows}`;
  await using db = await testDatabase();
  await using dir = await temporaryFolder();
  await db.session.execute(
    "create table people (nr int, full_name text, joined_at timestamptz, amount numeric)",
  );
  await Deno.writeTextFile(`${dir.path}/people.csv`, file);
  const { output, stdout } = memoryOutput();
  const where = ["--file", `${dir.path}/people.csv`, "--database-url", db.url];
  const args = ["check", "--table", "people", "--skip-lines", "1", ...where];
  assert.equal(await runCommandLine(args, output), 0);
  assert.match(stdout.text, /^header {5}line 3$/m);
  assert.match(stdout.text, /^time zone {2}\S+, for local times$/m);
  assert.match(
    stdout.text,
    /All 2 refused values of joined_at would fit format: "M\/d\/yyyy H:mm" in the definition\./,
  );
  assert.match(stdout.text, /All 2 refused values of amount would fit .*accept: \[currency\]/);
});

Deno.test("check --file exits with 1 if a run would be refused, and says what to do", async () => {
  const { code, out } = await checked("People of May\nid,full_name\n1,Ann\n", "--table", "people");
  assert.equal(code, 1);
  assert.match(out, /^bad {2}@\/people\.csv → people → people$/m);
  assert.match(out, /But line 2 has the names: load the file with --skip-lines 1/);
  const skipped = ["--table", "people", "--skip-lines", "1"];
  const good = await checked("People of May\nid,full_name\n1,Ann\n", ...skipped);
  assert.equal(good.code, 0);
  assert.match(good.out, /^ {2}id +← id {2}\(integer\)$/m);
});

Deno.test("without a database, check --file shows how the file is read", async () => {
  await using dir = await temporaryFolder();
  await Deno.writeTextFile(`${dir.path}/a.csv`, "sep=|\na|b\n1|2\n");
  const { output, stdout, stderr } = memoryOutput();
  const line = ["check", "--table", "t", "--file", `${dir.path}/a.csv`];
  const before = Deno.env.get("DATABASE_URL");
  assert.equal(before, undefined);
  assert.equal(await runCommandLine(line, output), 0);
  assert.match(stdout.text, /^delimiter {2}\|$/m);
  assert.match(stdout.text, /^columns {4}a, b$/m);
  assert.match(stdout.text, /^rows {7}from line 3$/m);
  assert.match(stderr.text, /No database is named/);
});
