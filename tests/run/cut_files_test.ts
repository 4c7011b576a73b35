/**
 * Whole files, in this process: which rows they have, how their fields are told apart, and what the
 * run says of it.
 */
import assert from "node:assert/strict";
import { type Workshop, workshop } from "./importing.ts";
import { retry } from "./retrying.ts";

interface Cutting {
  readonly name: string;
  /** What the definition says of the source, in YAML. */
  readonly source?: string;
  /** The file; its header names columns of `t (id text, b text, c text)`. */
  readonly file: string;
  readonly rows: readonly (readonly (string | null)[])[];
  /** The message of each failed row, by row number. */
  readonly failed?: Readonly<Record<number, RegExp>>;
  readonly warnings?: readonly RegExp[];
}

const CUTTINGS: readonly Cutting[] = [
  {
    name: "a tab file whose quotes are data keeps all its rows, and says so",
    file: 'id\tb\n1\t"Single quotes\n2\tNo quotes\n3\tSingle quotes"\n4\t"Pair of quotes"\n5\tNo\n',
    rows: [
      ["1", '"Single quotes', null],
      ["2", "No quotes", null],
      ["3", 'Single quotes"', null],
      ["4", '"Pair of quotes"', null],
      ["5", "No", null],
    ],
    warnings: [/The file's quotes are read as ordinary characters/],
  },
  {
    name: "`quote: none` reads any file as it is",
    source: "{quote: none}",
    file: 'id,b\n1,"a"\n2,"x"y\n3,""\n4,"open\n',
    rows: [["1", '"a"', null], ["2", '"x"y', null], ["3", '""', null], ["4", '"open', null]],
  },
  {
    name: "a quote of another kind",
    source: `{quote: "'"}`,
    file: `id,b\n1,'a,''b'''\n2,"x"\n3,'open\n4,'y'\n`,
    rows: [["1", "a,'b'", null], ["2", '"x"', null], ["4", "y", null]],
    failed: { 3: /A quote is not closed/ },
  },
  {
    name: "quotes that are needed stay quotes, and what they may have swallowed is told by line",
    file: 'id,b\n1,"a, b"\n2,"Single\n3,No\n4,Single"\n5,c\n',
    rows: [["1", "a, b", null], ["2", "Single\n3,No\n4,Single", null], ["5", "c", null]],
    warnings: [/^A quoted value \(line 3\) holds lines that look like rows.*quote: none/],
  },
  {
    name: "a text with quotes inside fails as one record, and none of its lines is loaded",
    file: 'id,b\n1,"Dear \\"friend\\",\n7,eleven\nbye"\n2,"ok"\n3,"5" pipe"\n4,x\n',
    rows: [["2", "ok", null], ["4", "x", null]],
    failed: { 1: /has text after its closing quote/, 3: /has text after its closing quote/ },
  },
  {
    name: "blanks around quoted fields are not data",
    file: '"id", "b", "c"\n1, "Socks", 7.97\n6, "Sunscreen, 8 oz" , 6.68\n7,\t"x",  " y "\n',
    rows: [["1", "Socks", "7.97"], ["6", "Sunscreen, 8 oz", "6.68"], ["7", "x", "y"]],
  },
  {
    name: "lines that end with CRCRLF",
    file: '"id","b"\r\r\n"1","a"\r\r\n\r\r\n"2","b"\r\r\n3,c\r\r\n',
    rows: [["1", "a", null], ["2", "b", null], ["3", "c", null]],
    warnings: [/CR CR LF/],
  },
  {
    name: "rows without any value are skipped, and counted",
    file: "id,b,c\n1,x,y\n,,\n2,,\n , ,\n\n,,z\n,,",
    rows: [["1", "x", "y"], ["2", null, null], [null, null, "z"]],
    warnings: [/^3 rows without any value were skipped\.$/],
  },
  {
    name: "rows without any value are rows if the definition says so",
    source: "{skip_empty_rows: false}",
    file: "id,b,c\n1,x,y\n,,\n",
    rows: [["1", "x", "y"], [null, null, null]],
  },
  {
    name: "comments, before the header and among the rows",
    source: '{comment: "#"}',
    file: "# made by, a program; with | and \t\n#\nid;b\n# more\n1;x\n2;#y\n",
    rows: [["1", "x", null], ["2", "#y", null]],
    warnings: [/^1 comment line was skipped\.$/],
  },
  {
    name: "short rows fail, or are filled with empty cells",
    file: "id,b,c\n1,a\n2,b,x,\n4,d,e\n",
    rows: [["4", "d", "e"]],
    failed: {
      1: /The row has 2 fields where the header has 3/,
      2: /The row has 4 fields where the header has 3/,
    },
  },
  {
    name: "short rows that are filled with empty cells, and long ones whose surplus is empty",
    source: "{short_rows: fill}",
    file: 'id,b,c\n1,a\n2,b,x,\n3\n4,d,e,,y\n5,"f"\n',
    rows: [["1", "a", null], ["2", "b", "x"], ["3", null, null], ["5", "f", null]],
    failed: { 4: /The row has 5 fields where the header has 3/ },
    warnings: [
      /^4 rows have too few cells, or empty surplus ones: these were filled in or dropped/,
    ],
  },
  {
    name: "backslashes that escape, as MySQL writes them",
    source: "{escape: '\\'}",
    file: 'id,b\n1,"say \\"hi\\" now"\n2,a\\, b\n3,"C:\\\\dir\\\\"\n4,\\N\n',
    rows: [["1", 'say "hi" now', null], ["2", "a, b", null], ["3", "C:\\dir\\", null], [
      "4",
      null,
      null,
    ]],
  },
  {
    name: "the word that MySQL and Postgres write for NULL, in a file without escapes",
    file: "id,b,c\n1,x\\N,\\Ny\n2,\\N,\\N\n",
    rows: [["1", "x\\N", "\\Ny"], ["2", "\\N", "\\N"]],
    warnings: [
      /^Line 3 has the value \\N, which MySQL and Postgres write for NULL. It is read as text/,
    ],
  },
  {
    name: "the same, where the definition says what it means",
    source: `{null_values: ["", "\\\\N"]}`,
    file: "id,b,c\n2,\\N,\\N\n",
    rows: [["2", null, null]],
  },
  {
    name: "a delimiter of two characters",
    source: "{delimiter: '||'}",
    file: 'id||b||c\n1||a|b||"x||y"\n2||||z\n||||\n',
    rows: [["1", "a|b", "x||y"], ["2", null, "z"]],
    warnings: [/^1 row without any value was skipped\.$/],
  },
];

Deno.test("files are cut into rows and fields as their owners mean them", async (t) => {
  await using shop = await workshop("create table t (id text, b text, c text)");
  const { session, ledger } = shop;
  for (const { name, source = "{}", file, rows, failed = {}, warnings = [] } of CUTTINGS) {
    await t.step(name, async () => {
      await session.query("truncate t");
      const created = await shop.create(`table: t\nsource: ${source}\n`, file);
      const run = await shop.drive(created);
      const loaded = await session.query<{ id: string; b: string; c: string }>("table t");
      const sorted = loaded.map(({ id, b, c }) => [id, b, c]).sort();
      assert.deepEqual(sorted, [...rows].sort());
      const bad = await session.query<{ n: number; message: string }>(
        `select row_number as n, errors ->> 'message' as message from ${ledger.schema}.rows
         where run_id = $1 and status = 'failed' order by 1`,
        [run.id],
      );
      assert.deepEqual(bad.map(({ n }) => String(n)), Object.keys(failed));
      for (const { n, message } of bad) assert.match(message, failed[n]);
      const told = run.warnings.filter((warning) =>
        !/not in the table|is not filled/u.test(warning)
      );
      assert.equal(told.length, warnings.length, told.join("\n"));
      for (const [i, warning] of warnings.entries()) assert.match(told[i], warning);
    });
  }
});

/** For each failed row: its number, its line, its message, and how many of its bytes are kept. */
async function failedRows({ session }: Workshop, run: number): Promise<unknown[]> {
  const rows = await session.query<{ row: unknown }>(
    `select json_build_array(row_number, line, errors ->> 'message', length(raw)) as row
     from ingest.rows where run_id = $1 and status = 'failed' order by row_number`,
    [run],
  );
  return rows.map(({ row }) => row);
}

Deno.test("a row of more than 16 MB fails once, whole, and a retry of it fails like that again", async () => {
  await using shop = await workshop("create table t (id text, b text, c text)");
  const { session } = shop;
  const line = "6,swallowed\n";
  const file = "id,b\n1,a\n" +
    `2,${"x".repeat(20_000_000)}\n3,c\n` +
    `4,"${line.repeat(1_600_000)}bye"\n5,"d"\n` +
    `7,"never closed\n8,e\n`;
  const first = await shop.drive(await shop.create("table: t\nsource: {quote: '\"'}\n", file));
  const ids = async () =>
    (await session.query<{ id: string }>("table t")).map(({ id }) => id).sort();
  assert.deepEqual(await ids(), ["1", "3", "5", "8"]);
  const failures = await failedRows(shop, first.id);
  assert.deepEqual(failures, [
    [2, 3, "The row is longer than 16 MB.", 16 * 1024 * 1024],
    [4, 5, "The row is longer than 16 MB.", 16 * 1024 * 1024],
    [6, 1_600_007, "A quote is not closed.", '7,"never closed'.length],
  ]);
  const retried = await retry(shop, first.id);
  assert.deepEqual(await failedRows(shop, first.id), failures);
  assert.equal(retried.status, "completed_with_errors");
  assert.deepEqual(await ids(), ["1", "3", "5", "8"]);
});
