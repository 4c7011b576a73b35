import assert from "node:assert/strict";
import { requireRun, type Run } from "../../../src/ledger/runs/runs.ts";
import { applySuggestions } from "../../../src/run/request/suggest/apply.ts";
import { propose } from "../../../src/run/request/suggest/suggest.ts";
import { count, type Workshop, workshop } from "../importing.ts";
import { retry } from "../retrying.ts";

interface Shop extends AsyncDisposable {
  readonly shop: Workshop;
  readonly importersFolder: string;
  readonly file: string;
}

/** With a folder in which `test.yaml` is the importer's file. */
async function desk(tables: string): Promise<Shop> {
  const shop = await workshop(tables);
  const importersFolder = await Deno.makeTempDir({ prefix: "ingest-suggest-" });
  return {
    shop,
    importersFolder,
    file: `${importersFolder}/test.yaml`,
    async [Symbol.asyncDispose]() {
      await Deno.remove(importersFolder, { recursive: true });
      await shop[Symbol.asyncDispose]();
    },
  };
}

async function imported({ shop, file }: Shop, yaml: string, content: string): Promise<Run> {
  await Deno.writeTextFile(file, yaml);
  return await shop.drive(await shop.create(yaml, content));
}

function suggestions({ shop, importersFolder }: Shop, run: Run) {
  return propose(shop.ledger, run, { importersFolder, ownSchema: "ingest" });
}

async function apply(desk: Shop, run: Run, numbers: readonly number[] | null = null) {
  const { importersFolder, shop } = desk;
  const found = await suggestions(desk, run);
  return await applySuggestions(shop.ledger, run, found, {
    numbers,
    importersFolder,
    ownSchema: "ingest",
  });
}

/** Its suggestions as `column: line, line`, with rows, of and ambiguous ones. */
async function shown(desk: Shop, run: Run) {
  const { report } = await suggestions(desk, run);
  return report.suggestions.map((s) =>
    `${s.column}: ${
      [...s.definition, ...(s.statement === null ? [] : [s.statement])].join(", ")
    } ` +
    `${s.rows}/${s.of}${s.ambiguous === 0 ? "" : ` ${s.ambiguous}?`}`
  );
}

interface Kind {
  readonly name: string;
  readonly type: string;
  /** Of the column `v`, after `from: V`. */
  readonly rule?: string;
  readonly values: readonly string[];
  /** As `shown` says it. */
  readonly expected: readonly string[];
  /** How many rows there are after the retry. */
  readonly loaded: number;
  readonly more?: string;
  readonly apply?: readonly number[];
}

const KINDS: readonly Kind[] = [
  {
    name: "another format of dates, beside ISO",
    type: "date not null",
    values: ["2024-01-31", "31/12/2024", "13/02/2024", "05/13/2024"],
    expected: ["v: format: [yyyy-MM-dd, dd/MM/yyyy, MM/dd/yyyy] 3/3"],
    loaded: 4,
  },
  {
    name: "formats behind those that the column has",
    type: "date",
    rule: "format: dd.MM.yyyy",
    values: ["31.12.2024", "2024/12/31", "1.2.2024"],
    expected: ["v: format: [dd.MM.yyyy, yyyy/MM/dd, d.M.yyyy] 2/2"],
    loaded: 3,
  },
  {
    name: "a decimal comma, where all values have it",
    type: "numeric",
    values: ["1.234,50", "2.000,25", "0,5", "7"],
    expected: ['v: decimal: ",", thousands: "." 3/3'],
    loaded: 4,
  },
  {
    name: "a decimal comma beside points",
    type: "numeric",
    values: ["1.25", "2.5", "3,25", "4,5"],
    expected: [
      `v: transform: [{ replace: { pattern: '^([+-]?\\d+),(\\d{1,2})$', with: "$1.$2" } }] 2/2`,
    ],
    loaded: 4,
  },
  {
    name: "currencies and percentages",
    type: "numeric",
    values: ["1.25", "$ 12.50", "€3", "17%"],
    expected: [
      "v: accept: [currency, percent] 2/3 1?",
      "v: accept: [currency, percent_points] 2/3 1?",
    ],
    apply: [1],
    loaded: 4,
  },
  {
    name: "times of day, beside other forms of ISO 8601",
    type: "timestamp",
    values: ["2024-01-01T10:00:00Z", "2024-01-02 10:00", "31/12/2024 10:00", "13/01/2024 09:30"],
    expected: [
      `v: format: ["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm:ssZ", "dd/MM/yyyy HH:mm"] 2/2`,
    ],
    loaded: 4,
  },
  {
    name: "a decimal comma alone, because nothing says more",
    type: "numeric",
    values: ["1", "1,555", "2,5555"],
    expected: ['v: decimal: "," 1/2 1?'],
    loaded: 3,
  },
  {
    name: "dates of a column with a message of its own",
    type: "date",
    rule: "message: must be right",
    values: ["2024-01-01", "0000-00-00", "31.12.2024"],
    expected: [
      "v: format: [yyyy-MM-dd, dd.MM.yyyy] 1/2",
      'v: source: { null_values: ["", "0000-00-00"] } 1/2',
    ],
    loaded: 3,
  },
  {
    name: "a unit behind numbers",
    type: "int",
    values: ["1", "12 kg", "7kg", "9 kg"],
    expected: [`v: transform: [{ replace: { pattern: '\\s*kg$', with: "" } }] 3/3`],
    loaded: 4,
  },
  {
    name: "words for nothing",
    type: "int",
    values: ["1", "N/A", "-", "n/a"],
    expected: [`v: source: { null_values: ["", N/A, "-", n/a] } 3/3`],
    loaded: 4,
  },
  {
    name: "words of a boolean, beside the usual ones",
    type: "boolean",
    values: ["yes", "ja", "nein", "0"],
    expected: [
      `v: true: ["true", t, "yes", "y", "on", "1", ja], false: ["false", f, "no", "n", "off", "0", nein] 2/2`,
    ],
    loaded: 4,
  },
  {
    name: "case",
    type: "text",
    rule: "one_of: [free, pro]",
    values: ["free", "Free", "PRO", "pro"],
    expected: ["v: transform: [lower] 2/2"],
    loaded: 4,
  },
  {
    name: "slips in the labels of an enum",
    type: "mood",
    values: ["happy", "hapy", "sda", "sad"],
    expected: [
      'v: transform: [{ replace: { pattern: "^hapy$", with: happy } }, { replace: { pattern: "^sda$", with: sad } }] 2/2',
    ],
    loaded: 4,
  },
  {
    name: "slips in one of the definition's words, which has steps already",
    type: "text",
    rule: "transform: [lower], one_of: [free, team]",
    values: ["Free", "Teem", "TEEM", "team"],
    expected: ['v: transform: [lower, { replace: { pattern: "^teem$", with: team } }] 2/2'],
    loaded: 4,
  },
  {
    name: "a text that the map lacks",
    type: "text",
    rule: "map: { Yes: y, No: n }",
    values: ["Yes", "yes", "No", "Yess"],
    expected: ['v: map: { "Yes": "y", "No": "n", "yes": "y", Yess: "y" } 2/2'],
    loaded: 4,
  },
  {
    name: "slips in what a foreign key refers to",
    type: "text references countries",
    values: ["Germany", "Germny", "germany", "France"],
    expected: [
      'v: transform: [{ replace: { pattern: "^Germny$", with: Germany } }, { replace: { pattern: "^germany$", with: Germany } }] 2/2',
    ],
    loaded: 4,
  },
  {
    name: "a longer limit of the definition",
    type: "text",
    rule: "max_length: 3",
    values: ["abc", "abcde", "abcd", "a"],
    expected: ["v: max_length: 5 2/2"],
    loaded: 4,
  },
  {
    name: "wider bounds",
    type: "int",
    rule: "min: 0, max: 10",
    values: ["1", "-2", "12", "5"],
    expected: ["v: min: -2, max: 12 2/2"],
    loaded: 4,
  },
  {
    name: "a value that need not be there",
    type: "text",
    rule: "required: true",
    values: ["a", "", "b", ""],
    expected: ["v: required: false 2/2"],
    loaded: 4,
  },
  {
    name: "the table's DEFAULT for what is missing",
    type: "text not null default 'none'",
    rule: "required: true",
    values: ["a", "", "b", ""],
    expected: ["v: required: false, empty: default 2/2"],
    loaded: 4,
  },
  {
    name: "what is around an address",
    type: "text",
    rule: "type: email",
    values: ["a@example.com", "Bob <bob@example.com>", "c@example.com", "Eve <eve@example.com>"],
    expected: [`v: transform: [{ replace: { pattern: '^.*<([^<>\\s]+)>$', with: "$1" } }] 2/2`],
    loaded: 4,
  },
  {
    name: "blanks",
    type: "text",
    rule: "pattern: '^[A-Z]+ [A-Z]+$'",
    values: ["A B", "A  B", "C   D", "C D"],
    expected: ["v: transform: [squish] 2/2"],
    loaded: 4,
  },
  {
    name: "two things that are wrong with one column",
    type: "date",
    values: ["31.12.2024", "n/a", "30.11.2024", "2024-01-01"],
    expected: [
      "v: format: [yyyy-MM-dd, dd.MM.yyyy] 2/3",
      `v: source: { null_values: ["", n/a] } 1/3`,
    ],
    loaded: 4,
  },
];

for (const kind of KINDS) {
  Deno.test(`suggested, applied and loaded: ${kind.name}`, async () => {
    await using at = await desk(`
      create type mood as enum ('happy', 'sad');
      create table countries (name text primary key);
      insert into countries values ('Germany'), ('France'), ('Spain');
      create table items (id int primary key, v ${kind.type})`);
    const rule = kind.rule === undefined ? "" : `, ${kind.rule}`;
    const yaml =
      `# items\ntable: items # the table\ncolumns:\n  id: id\n  v: { from: V${rule} }  # v\n`;
    const content = `id,V\n${kind.values.map((value, i) => `${i + 1},"${value}"\n`).join("")}`;
    const run = await imported(at, yaml, content);
    assert.deepEqual(await shown(at, run), kind.expected);
    const { report } = await suggestions(at, run);
    const applied = await apply(at, run, kind.apply ?? null);
    assert.equal(applied.rows, report.together);
    const after = await Deno.readTextFile(at.file);
    assert.ok(
      after.startsWith("# items\ntable: items # the table\ncolumns:\n  id: id\n  v: {"),
      after,
    );
    assert.ok(after.includes("}  # v\n"), after);
    const second = await retry(at.shop, run.id, { definition: after });
    assert.equal(await count(at.shop.session, "items"), kind.loaded);
    assert.equal(second.status, "completed");
    await assert.rejects(
      apply(at, run, kind.apply ?? null),
      /there are none|fixed every failed row/,
    );
  });
}

Deno.test("a day that can be a month is counted apart, and two readings exclude each other", async () => {
  await using at = await desk("create table items (id int, v date)");
  const yaml = "table: items\ncolumns: { id: id, v: v }\n";
  const mixed = await imported(
    at,
    yaml,
    "id,v\n1,13/02/2024\n2,05/04/2024\n3,05/05/2024\n4,31/01/2024\n",
  );
  assert.deepEqual(await shown(at, mixed), ["v: format: dd/MM/yyyy 3/4 1?"]);
  const { report } = await suggestions(at, mixed);
  assert.deepEqual(report.suggestions[0].ambiguous_rows, [2]);
  const open = await imported(at, yaml, "id,v\n1,01/02/2024\n2,05/04/2024\n3,05/05/2024\n");
  assert.deepEqual(await shown(at, open), [
    "v: format: dd/MM/yyyy 1/3 2?",
    "v: format: MM/dd/yyyy 1/3 2?",
  ]);
  await assert.rejects(
    apply(at, open),
    /1 and 2 exclude each other\. Choose one: --apply 1, or --apply 2/,
  );
  await assert.rejects(apply(at, open, [1, 2]), /exclude each other/);
  await assert.rejects(apply(at, open, [3]), /there is no suggestion 3, only 1 to 2/);
  assert.equal(await Deno.readTextFile(at.file), yaml);
  await apply(at, open, [2]);
  await retry(at.shop, open.id, { definition: await Deno.readTextFile(at.file) });
  const days = await at.shop.session.query("select v::text from items where id = 2");
  assert.deepEqual(days, [{ v: "2024-05-04" }]);
});

Deno.test("what would change good rows is said, and is only applied if it is named", async () => {
  await using at = await desk("create table items (id int, v numeric)");
  const yaml = "table: items\ncolumns: { id: id, v: v }\n";
  const run = await imported(at, yaml, 'id,v\n1,1.234\n2,"1.234,5"\n3,"12.345,67"\n4,"5.000,1"\n');
  const { report } = await suggestions(at, run);
  assert.deepEqual(report.suggestions[0].definition, ['decimal: ","', 'thousands: "."']);
  assert.deepEqual(report.suggestions[0].good_rows, {
    looked_at: 1,
    changed: 1,
    failing: 0,
    example: { row: 1, before: "1.234", after: "1234" },
  });
  await assert.rejects(apply(at, run), /1 also changes rows that are right already.*--apply 1/);
  assert.equal((await apply(at, run, [1])).rows, 3);
});

Deno.test("a limit of the table is suggested as SQL, and can't be applied", async () => {
  await using at = await desk("create table items (id int, v varchar(3), n smallint)");
  const run = await imported(at, "table: items\n", "id,v,n\n1,abcdef,1\n2,abcd,2\n3,a,70000\n");
  assert.deepEqual(await shown(at, run), [
    'v: alter table "public"."items" alter column "v" type character varying(6); 2/2',
    'n: alter table "public"."items" alter column "n" type bigint; 1/1',
  ]);
  await assert.rejects(apply(at, run), /none of them is about the definition/);
  await assert.rejects(
    apply(at, run, [1]),
    /1 changes the table, not the definition\. Its owner can run: alter table/,
  );
});

Deno.test("rows with more than one error count only when all of it is suggested", async () => {
  await using at = await desk("create table items (id int, d date, n numeric)");
  const run = await imported(
    at,
    "table: items\ncolumns: { id: id, d: d, n: n }\n",
    'id,d,n\n1,31.12.2024,"1,5"\n2,30.12.2024,"2,5"\n',
  );
  const { report } = await suggestions(at, run);
  assert.deepEqual(report.suggestions.map(({ rows, values }) => [rows, values]), [[0, 2], [0, 2]]);
  assert.equal(report.together, 2);
  assert.equal((await apply(at, run)).rows, 2);
});

Deno.test("without columns in the definition, the others are still matched by name", async () => {
  await using at = await desk("create table items (id int, signed_up date)");
  const run = await imported(at, "table: items\n", "id,Signed Up\n1,31.12.2024\n2,2024-01-01\n");
  await apply(at, run);
  const after = await Deno.readTextFile(at.file);
  assert.equal(
    after,
    "table: items\n" +
      "columns: { signed_up: { from: Signed Up, format: [yyyy-MM-dd, dd.MM.yyyy] } }\n" +
      "options: { unmapped: auto }\n",
  );
  assert.equal((await retry(at.shop, run.id, { definition: after })).status, "completed");
});

Deno.test("rows that can't be read are suggested a way to read them", async () => {
  await using at = await desk("create table items (id int, v text, w text)");
  const run = await imported(at, "table: items\n", "id,v,w\n1,a\n2,b\n3,c,d\n");
  assert.deepEqual(await shown(at, run), ["null: source: { short_rows: fill } 2/2"]);
  await apply(at, run);
  await retry(at.shop, run.id, { definition: await Deno.readTextFile(at.file) });
  assert.equal(await count(at.shop.session, "items"), 3);
});

Deno.test("numbers and codes are no slips of others", async () => {
  await using at = await desk(
    "create table codes (c text primary key); insert into codes values " +
      "('1'), ('2'), ('3'), ('DE'), ('A-100'); create table items (id int, c text references codes)",
  );
  const run = await imported(at, "table: items\n", "id,c\n1,33\n2,DK\n3,A-101\n");
  assert.deepEqual(await shown(at, run), []);
});

Deno.test("what nothing helps is said in a line: database errors, missing values, no failed rows", async () => {
  await using at = await desk(
    "create table items (id int primary key, v text not null check (v <> 'x'))",
  );
  const yaml = "table: items\ncolumns: { id: id, v: v }\n";
  const refused = await imported(at, yaml, "id,v\n1,x\n2,a\n2,b\n");
  const { report } = await suggestions(at, refused);
  assert.deepEqual(report.suggestions, []);
  assert.match(
    report.notes.join("\n"),
    /^2 rows: the table items refuses them \(.*\), not the definition\./,
  );
  await assert.rejects(apply(at, refused), /there are none\. 2 rows: the table items refuses them/);
  const missing = await imported(at, yaml, "id,v\n3,\n");
  assert.match(
    (await suggestions(at, missing)).report.notes.join(),
    /v: rows without a value can't be guessed.*default/,
  );
  const good = await imported(at, yaml, "id,v\n4,a\n");
  assert.deepEqual((await suggestions(at, good)).report.notes, [
    "Run 3 has no failed rows: there is nothing to suggest.",
  ]);
  const silent = await imported(at, `${yaml}options: { log_rows: none }\n`, "id,v\n5,x\n");
  await assert.rejects(
    suggestions(at, silent),
    /Cannot suggest anything for run 4: it logs no rows/,
  );
});

Deno.test("a definition that has changed since the run is said, and edited only if it still fits", async () => {
  await using at = await desk("create table items (id int, v date)");
  const yaml = "table: items\ncolumns:\n  id: id\n  v: v\n";
  const run = await imported(at, yaml, "id,v\n1,31.12.2024\n2,30.12.2024\n");
  await Deno.writeTextFile(
    at.file,
    "table: items\ncolumns:\n  id: id\n  v: { from: v, required: true }\n",
  );
  assert.match(
    (await suggestions(at, run)).report.notes.join(),
    /definition has changed since run 1/,
  );
  await apply(at, run);
  assert.match(
    await Deno.readTextFile(at.file),
    /v: \{ from: v, required: true, format: dd\.MM\.yyyy \}/,
  );
  await assert.rejects(apply(at, run), /says that already\. Try the rows again: ingest retry 1/);
  await Deno.writeTextFile(at.file, "table: items\ncolumns:\n  id: { from: id, min: 5 }\n  v: v\n");
  await assert.rejects(
    apply(at, run),
    /has changed since run 1, and with what it says now only 0 of 2 rows/,
  );
  await Deno.writeTextFile(at.file, "table: items\ncolumns: {id: id}\n");
  await Deno.remove(at.file);
  await assert.rejects(apply(at, run), /test/);
});

Deno.test("the file keeps its permissions, through a link; a definition in JavaScript is left alone", async () => {
  await using at = await desk("create table items (id int, v date)");
  const yaml = "table: items\r\ncolumns:\r\n  id: id\r\n  v: v\r\n";
  const run = await imported(at, yaml, "id,v\n1,31.12.2024\n");
  await Deno.rename(at.file, `${at.importersFolder}/real.txt`);
  await Deno.chmod(`${at.importersFolder}/real.txt`, 0o640);
  await Deno.symlink("real.txt", at.file);
  await apply(at, run);
  assert.ok((await Deno.lstat(at.file)).isSymlink);
  assert.equal((await Deno.stat(at.file)).mode! & 0o777, 0o640);
  assert.equal(
    await Deno.readTextFile(at.file),
    yaml.replace("v: v", "v: { from: v, format: dd.MM.yyyy }"),
  );
  assert.deepEqual(
    (await Array.fromAsync(Deno.readDir(at.importersFolder))).map(({ name }) => name).toSorted(),
    ["real.txt", "test.yaml"],
  );
  await Deno.remove(at.file);
  await Deno.writeTextFile(
    `${at.importersFolder}/test.js`,
    'export default { table: "items", columns: { id: "id", v: "v" } };',
  );
  await assert.rejects(
    apply(at, run),
    /only YAML and JSON can be edited\. Write it yourself: v: \{ format: dd\.MM\.yyyy \}/,
  );
});

Deno.test("a run without an importer's file gets its lines, and where to write them", async () => {
  await using at = await desk("create table items (id int, v date)");
  const run = await imported(at, "table: items\n", "id,v\n1,31.12.2024\n");
  await at.shop.session.execute(
    `update ingest.runs set definition = (definition::jsonb || '{"ad_hoc": true}')::json`,
  );
  const adHoc = await requireRun(at.shop.ledger, run.id);
  assert.match((await suggestions(at, adHoc)).report.notes.join(), /Run 1 has no importer's file/);
  await assert.rejects(
    apply(at, adHoc),
    /it has no importer's file\. Write a definition for it, .*test\.yaml, with: v: \{ format: dd\.MM\.yyyy \}/,
  );
});
