import assert from "node:assert/strict";
import { CsvReader } from "../../../src/source/csv/reader.ts";
import { bytesOf, COMMA, readAll, rowsOf } from "../records.ts";

Deno.test("a quote that is not closed fails its own line and no other row", () => {
  const seen = readAll('1,"open\n2,b\n3,c\n', COMMA, 2);
  assert.deepEqual(seen.map((r) => [r.row, r.line, r.fields ?? r.defect]), [
    [1, 1, "malformed: A quote is not closed."],
    [2, 2, ["2", "b"]],
    [3, 3, ["3", "c"]],
  ]);
  assert.deepEqual([seen[0].start, seen[0].end], [0, 7]);
});

Deno.test("a quote that opens below the row's first line is reported with its line", () => {
  const seen = readAll('x\n"two\nlines","open\n4,d\n');
  assert.deepEqual(seen.map((r) => [r.row, r.line, r.fields ?? r.defect]), [
    [1, 1, ["x"]],
    [2, 2, "malformed: A quote that opens on line 3 is not closed."],
    [3, 4, ["4", "d"]],
  ]);
});

Deno.test("text after a closing quote fails its record, up to its end, and no other row", () => {
  assert.deepEqual(rowsOf('1,"a"b,c\n2,"x"y\n3,ok\n"a\nb"c\n4,ok\n'), [
    "malformed: A quoted field has text after its closing quote.",
    "malformed: A quoted field has text after its closing quote.",
    ["3", "ok"],
    "malformed: A quoted field has text after its closing quote.",
    ["4", "ok"],
  ]);
  assert.deepEqual(rowsOf('"1\n2","a"b\n'), [
    "malformed: A quoted field that opens on line 2 has text after its closing quote.",
  ]);
});

Deno.test("an unclosed quote on the last line fails that line, with and without a line end", () => {
  assert.deepEqual(rowsOf('a,b\n1,"'), [["a", "b"], "malformed: A quote is not closed."]);
  assert.deepEqual(rowsOf('a,b\n"x,y\r\n'), [["a", "b"], "malformed: A quote is not closed."]);
  assert.equal(readAll('"x,y\r\n')[0].end, 4);
});

function extents(text: string): string[] {
  return readAll(text, COMMA, 2).map(({ start, end, defect }) =>
    `${text.slice(start, end)}${defect === null ? "" : " failed"}`
  );
}

Deno.test("no line of a broken text is read as a row", () => {
  const texts = [
    '1,"Dear \\"friend\\",\n7,eleven\nbye"',
    '1,"Dear "friend",\n7,eleven\nbye"',
    '1,"Dear "friend",\nhe said "yes, sir"\n\nto me, "twice"\nbye"',
    '1,"first\n7,eleven\nlast"x,y',
    '1,"<a href="x">\n7,eleven\n</a>"',
  ];
  for (const text of texts) {
    assert.deepEqual(extents(`0,a\n${text}\n2,"ok"\n`), ["0,a", `${text} failed`, '2,"ok"']);
    assert.deepEqual(extents(text), [`${text} failed`]);
  }
});

Deno.test("a stray quote swallows none of the rows after it", () => {
  const lines = [
    '1,"5" pipe"',
    '1,"5" pipe',
    '1,"open',
    '1,"Dear "friend"',
    '1,"Dear "friend",x,y',
    '1,"a"b"c"',
  ];
  const rows = ["2,b", '3,"c"', '4,""', '5,"x""y"', '"6",f', '7,"two\nlines"'];
  for (const line of lines) {
    for (const [i, row] of rows.entries()) {
      assert.deepEqual(
        extents(`${line}\n${row}\n${rows.slice(i).join("\n")}\n`),
        [`${line} failed`, row, ...rows.slice(i)],
      );
    }
    assert.deepEqual(
      extents(`${line}\n${line}\n2,b\n${line}\n`),
      [`${line} failed`, `${line} failed`, "2,b", `${line} failed`],
    );
  }
});

Deno.test("a broken text is no longer than 64 kB", () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => `${i},abcdef`);
  const text = `x,"Dear "friend,\n${rows.join("\n")}\nbye"`;
  assert.deepEqual(extents(text).slice(0, 2), ['x,"Dear "friend, failed', rows[0]]);
});

Deno.test("a record of more than 16 MB fails once, whole, and its first 16 MB are kept", () => {
  const x = "x".repeat(11 * 1024 * 1024);
  const line = "2,x\n";
  const records = [
    // One line; a quoted field; one of many lines, with delimiters, quotes and CRLFs in it.
    `1,${x}${x}${x}`,
    `1,"${x}${x}${x}"`,
    `1,"${line.repeat(5 * 1024 * 1024)}2,""x""\r\n",x`,
    // The limit lies between the fields.
    `1,${x},"${x}\n\n${x}"`,
  ];
  for (const record of records) {
    const seen = readAll(`${record}\n8,"y"\n9,z`, COMMA, 2);
    assert.deepEqual(seen.map((r) => [r.row, r.end - r.start, r.fields ?? r.defect]), [
      [1, 16777216, "malformed: The row is longer than 16 MB."],
      [2, 5, ["8", "y"]],
      [3, 3, ["9", "z"]],
    ]);
    assert.equal(seen[1].line, record.split("\n").length + 1);
    // Read again from what is kept of it, it is one record.
    const kept = readAll(record.slice(0, 16777216), COMMA, 2);
    assert.deepEqual(kept.map((r) => [r.end, r.defect]), [[16777216, seen[0].defect]]);
  }
});

Deno.test("a quote that is never closed is given up, and the rows after it are read", () => {
  const lines = 3 * 1024 * 1024;
  const seen = new CsvReader(
    bytesOf('0,"open\n' + "1,row\n".repeat(lines) + "9,x\n"),
    COMMA,
    { offset: 0, line: 1, row: 1 },
    2,
  );
  seen.next();
  assert.equal(seen.defect?.message, "A quote is not closed.");
  let good = 0;
  while (seen.next()) if (seen.defect === null) good++;
  assert.equal(good, lines + 1);
});
