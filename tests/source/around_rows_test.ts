/** What real files hold around their rows. */
import assert from "node:assert/strict";
import { DEFAULT_SOURCE } from "../../src/importer/complete/complete_source.ts";
import type { SourceRule } from "../../src/importer/source_rule.ts";
import { resolveSource } from "../../src/source/resolve.ts";
import { readRange } from "../../src/source/file/range.ts";
import { asCsv, readPiece } from "./records.ts";

/** The rows, each after its line, and what is told. */
async function opened(text: string, rule: Partial<SourceRule> = {}) {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/f.csv`;
    await Deno.writeTextFile(path, text);
    const { source } = await resolveSource(path, { ...DEFAULT_SOURCE, ...rule }, `${folder}/spool`);
    const { data_start, data_end, data_line, header, format, notes } = source;
    const bytes = await readRange(source.path, data_start, data_end ?? source.size);
    const at = { offset: data_start, line: data_line, row: 1 };
    const rows = readPiece(bytes, asCsv(format), at, header.length)
      .map(({ line, fields, defect }) => `${line}: ${fields?.join("|") ?? defect}`);
    return { header: header.join("|"), rows, notes };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ROWS = { header: "id|name", notes: [] };

Deno.test("a line sep=; says what the delimiter is, and is no header", async () => {
  assert.deepEqual(await opened("sep=;\nid;name\n1;a,b,c\n"), { ...ROWS, rows: ["3: 1|a,b,c"] });
  assert.deepEqual(await opened('\ufeff"sep=|"\r\nid|name\r\n1|a\r\n'), {
    ...ROWS,
    rows: ["3: 1|a"],
  });
  assert.deepEqual(await opened("SEP=\t\nid\tname\n1\ta;b\n"), { ...ROWS, rows: ["3: 1|a;b"] });
  // A definition that skips the line already, or knows better.
  const skipped = await opened("sep=;\nid;name\n1;a\n", { skip_lines: 1 });
  assert.deepEqual(skipped, { ...ROWS, rows: ["3: 1|a"] });
  const named = await opened("sep=;\nid,name\n1,a\n", { delimiter: "," });
  assert.deepEqual(named, { ...ROWS, rows: ["3: 1|a"] });
  // It must be the first line.
  assert.equal((await opened("x\nsep=;\n")).header, "x");
});

Deno.test("lines between the header and the rows are left out, and told", async () => {
  assert.deepEqual(await opened("id,name\nkg,-\n1,a\n", { skip_after_header: 1 }), {
    ...ROWS,
    rows: ["3: 1|a"],
    notes: ["Line 2 is left out, as skip_after_header says."],
  });
  const two = await opened("t\nid,name\nkg,-\n,\n1,a\n", { skip_lines: 1, skip_after_header: 2 });
  assert.deepEqual(two.notes, ["Lines 3 to 4 are left out, as skip_after_header says."]);
  assert.deepEqual(two.rows, ["5: 1|a"]);
});

Deno.test("the last lines are left out, and shown", async () => {
  const text = "id,name\n1,a\n2,b\nTotal,2\n\nby X\n\n";
  assert.deepEqual(await opened(text, { skip_footer: 2 }), {
    ...ROWS,
    rows: ["2: 1|a", "3: 2|b"],
    notes: ['The last 2 lines are left out, as skip_footer says: "Total,2 / by X".'],
  });
  assert.deepEqual((await opened("id,name\r1,a\rT,1\r", { skip_footer: 1 })).rows, ["2: 1|a"]);
  // As Excel writes rows that were cleared; unless they are rows.
  const cleared = "id,name\n1,a\nT,1\n,\n , \n";
  assert.deepEqual((await opened(cleared, { skip_footer: 1 })).rows, ["2: 1|a"]);
  const kept = await opened(cleared, { skip_footer: 2, skip_empty_rows: false });
  assert.deepEqual(kept.rows, ["2: 1|a", "3: T|1"]);
  assert.deepEqual((await opened("id,name\n1,a\nT,1\n\0\x1a", { skip_footer: 1 })).rows, [
    "2: 1|a",
  ]);
  await assert.rejects(
    opened("id,name\n1,a\n", { skip_footer: 5 }),
    /the file is empty without its last lines \(skip_footer\)/,
  );
});

Deno.test("rows that match a pattern are left out, and the others keep their lines", async () => {
  const text = 'id,name\n1,a\nTotal,1\n2,"x\nTotal\ny"\n\nTotal,"2\n3"\n4,d\n';
  assert.deepEqual(await opened(text, { skip_rows: ["^Total"] }), {
    ...ROWS,
    rows: ["2: 1|a", "4: 2|x\nTotal\ny", "10: 4|d"],
    notes: ["Left out, as skip_rows says: 2 rows (lines 3, 8)."],
  });
  const all = await opened("id,name\n" + "#\n".repeat(7) + "1,a\n", { skip_rows: ["^#", "^x"] });
  assert.deepEqual(all.rows, ["9: 1|a"]);
  assert.deepEqual(all.notes, ["Left out, as skip_rows says: 7 rows (lines 2, 3, 4, 5, 6 …)."]);
  assert.deepEqual((await opened("id,name\n1,a\n", { skip_rows: ["^#"] })).notes, []);
  const given = await opened("#\n1,a\n", { skip_rows: ["^#"], header: ["id", "name"] });
  assert.deepEqual(given.rows, ["2: 1|a"]);
});

Deno.test("the header is no row where it is repeated", async () => {
  assert.deepEqual(await opened("id,name\n1,a\nid,name\n2,b\n\ufeffid,name\n3,c\n"), {
    ...ROWS,
    rows: ["2: 1|a", "4: 2|b", "6: 3|c"],
    notes: ["Left out, since the header is repeated there: 2 rows (lines 3, 5)."],
  });
  // A row that only begins like it, and a file of one column, whose name may be a value.
  assert.deepEqual((await opened("id,name\nid,names\n")).rows, ["2: id|names"]);
  assert.deepEqual((await opened("name\na\nname\n")).rows, ["2: a", "3: name"]);
  const mixed = await opened("id,name\r1,a\r\nid,name\r2,b\r");
  assert.deepEqual(mixed.rows, ["2: 1|a", "4: 2|b"]);
  assert.equal(mixed.notes?.length, 2);
});
