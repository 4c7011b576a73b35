/**
 * Whole files, in this process: which rows they have, how their fields are told apart, and what the
 * run says of it.
 */
import assert from "node:assert/strict";
import { workshop } from "./importing.ts";

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
