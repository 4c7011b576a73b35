import assert from "node:assert/strict";
import { SourceError } from "../../../src/source/error.ts";
import { readHeader, uniqueNames } from "../../../src/source/csv/header.ts";
import { bytesOf, COMMA, concat } from "../records.ts";

const header = (text: string | Uint8Array, skip = 0, names: true | string[] = true, bom = 0) =>
  readHeader(typeof text === "string" ? bytesOf(text) : text, COMMA, bom, skip, names, true);

Deno.test("names are trimmed, and the data begins after the header's line", () => {
  assert.deepEqual(header("First Name , E-Mail\r\n1,2\n"), {
    names: ["First Name", "E-Mail"],
    line: 1,
    dataStart: 21,
    dataLine: 2,
  });
});

Deno.test("a header may be quoted, span lines and follow empty lines", () => {
  assert.deepEqual(header('\n\r\n"a\nb","c ""d"""\nx,y\n'), {
    names: ["a\nb", 'c "d"'],
    line: 3,
    dataStart: 19,
    dataLine: 5,
  });
});

Deno.test("a byte order mark is not part of the first name", () => {
  assert.deepEqual(header(concat([0xef, 0xbb, 0xbf], '"a",b\n'), 0, true, 3)?.names, ["a", "b"]);
});

Deno.test("blank names become their position, repeated ones are numbered, and all are unique", () => {
  assert.deepEqual(uniqueNames(["a", "", " ", "a", "a "]), [
    "a",
    "column_2",
    "column_3",
    "a_2",
    "a_3",
  ]);
  assert.deepEqual(uniqueNames(["a", "a", "a_2"]), ["a", "a_3", "a_2"]);
  assert.deepEqual(uniqueNames(["", "column_1"]), ["column_1_2", "column_1"]);
  assert.deepEqual(uniqueNames(["a", "A"]), ["a", "A"]);
  // This would take a minute if each name tried its numbers from the beginning.
  const equal = uniqueNames(Array(100_000).fill("a"));
  assert.deepEqual([equal[1], equal[99_999]], ["a_2", "a_100000"]);
});

Deno.test("skip_lines skips physical lines, quotes or not", () => {
  assert.deepEqual(header('Report "of\n\na,b\n1,2\n', 2), {
    names: ["a", "b"],
    line: 3,
    dataStart: 16,
    dataLine: 4,
  });
});

Deno.test("with given names, every record is data", () => {
  assert.deepEqual(header("title\n1,2\n", 1, ["a", "b"]), {
    names: ["a", "b"],
    line: null,
    dataStart: 6,
    dataLine: 2,
  });
});

Deno.test("with a header but no rows, the data begins at the end; without a header, the result is null", () => {
  assert.equal(header("a,b")?.dataStart, 3);
  assert.equal(header("a,b\n")?.dataStart, 4);
  for (const empty of ["", "\n", "\r\n\n"]) assert.equal(header(empty), null);
  assert.equal(header("a,b\n1,2\n", 2), null);
  assert.equal(header("a,b\n1,2\n", 9), null);
  assert.equal(header("", 0, ["a"]), null);
});

Deno.test("a header that can't be read is refused with its line and the reason", () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.throws(() => header(bytes, 1), (error) => {
      assert.ok(error instanceof SourceError);
      assert.match(error.message, message);
      return true;
    });
  refused(
    bytesOf('x\na,"b\n1,2\n'),
    /header on line 2: a quote is not closed\. Mend .* --skip-lines/,
  );
  refused(bytesOf("x\na\rb,c\n1,2\n"), /on line 2: it has a line break outside quotes: CR/);
  refused(bytesOf('x\n"a"b,c\n1,2\n'), /a quoted field has text after its closing quote/);
  refused(
    concat("x\na,", [0xff], "\n"),
    /it holds bytes that are not valid UTF-8: \\xff\. Mend .* --encoding/,
  );
});

Deno.test("a header that goes beyond the bytes at hand is refused, not cut", () => {
  assert.throws(() => readHeader(bytesOf("a,b"), COMMA, 0, 0, true, false), SourceError);
  assert.throws(() => readHeader(bytesOf("x\ny"), COMMA, 0, 2, true, false), SourceError);
});
