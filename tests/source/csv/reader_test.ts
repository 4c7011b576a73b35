import assert from "node:assert/strict";
import { CsvReader } from "../../../src/source/csv/reader.ts";
import { FIELD_DOUBLED_QUOTES, FIELD_NOT_ASCII, FIELD_QUOTED } from "../../../src/source/record.ts";
import { bytesOf, COMMA, concat, readAll, readPiece, rowsOf } from "../records.ts";
import type { CsvFormat } from "../../../src/source/csv/csv_format.ts";

const CR_ONLY: CsvFormat = { type: "csv", delimiter: ",", newline: "cr", grammar: 2 };

Deno.test("a quote in the middle of a field is an ordinary character", () => {
  assert.deepEqual(rowsOf('5" pipe,a"b"c\n'), [['5" pipe', 'a"b"c']]);
});

Deno.test("blanks before and after a quoted field are not data", () => {
  assert.deepEqual(rowsOf('"a" , "b, c"\t, \t"d\n""e"" "\n "f" \r\n'), [
    ["a", "b, c", 'd\n"e" '],
    ["f"],
  ]);
  // A delimiter is no blank.
  const tabs: CsvFormat = { ...COMMA, delimiter: "\t" };
  assert.deepEqual(rowsOf('"a"\t\t "b"\t\n', tabs), [["a", "", "b", ""]]);
});

Deno.test("after blanks, a quote that isn't closed by the field's end is an ordinary character", () => {
  assert.deepEqual(rowsOf('1, "so" he said\n2, "open\n3,x\n'), [
    ["1", ' "so" he said'],
    ["2", ' "open'],
    ["3", "x"],
  ]);
});

/** The lines of each record: `failed` if it is malformed. */
Deno.test("doubled quotes stand for one, delimiters and line breaks inside quotes are data", () => {
  assert.deepEqual(rowsOf('"a ""b"" c","1,2","x\r\ny",""""\n'), [
    ['a "b" c', "1,2", "x\r\ny", '"'],
  ]);
});

Deno.test("rows with too few or too many fields say how many were expected and found", () => {
  assert.deepEqual(rowsOf("1,2,3\n1\n1,2\n1,2,3,4\n1,2,3,\n", COMMA, 3), [
    ["1", "2", "3"],
    "malformed: The row has 1 field where the header has 3.",
    "malformed: The row has 2 fields where the header has 3.",
    "malformed: The row has 4 fields where the header has 3.",
    "malformed: The row has 4 fields where the header has 3.",
  ]);
});

Deno.test("a delimiter may have several characters, or one that is not ASCII", () => {
  for (const delimiter of ["||", "¦", "~|~"]) {
    const format: CsvFormat = { ...COMMA, delimiter, skip_empty_rows: true };
    const lines = [["a", '"b | ¦"', "c"], ['"x\ny"', "", '"z"'], ["", " ", ""], ["|", "ü", "~"]];
    const text = lines.map((line) => line.join(delimiter)).join("\r\n");
    assert.deepEqual(rowsOf(text, format, 3), [
      ["a", "b | ¦", "c"],
      ["x\ny", "", "z"],
      delimiter === "||" ? ["", "|ü", "~"] : ["|", "ü", "~"],
    ]);
  }
});

Deno.test("an escape makes the next character ordinary, in quotes and outside them", () => {
  const format: CsvFormat = { ...COMMA, escape: "\\" };
  const lines = [
    '1,"say \\"hi\\" ""now"""',
    "2,a\\, b",
    '3,"C:\\\\dir\\\\"',
    "4,\\N",
    "5,one\\\ntwo\\tthree\\né",
    '6,"x\\\n"',
    "7,a\\0b",
    "8,x\\",
  ];
  const seen = readAll(lines.join("\n").slice(0, -1) + "\\", format, 2);
  assert.deepEqual(seen.map(({ line, fields, defect }) => [line, fields?.[1] ?? defect]), [
    [1, 'say "hi" "now"'],
    [2, "a, b"],
    [3, "C:\\dir\\"],
    [4, "\\N"],
    [5, "one\ntwo\tthree\né"],
    [7, "x\n"],
    [9, "encoding: The row holds a NUL byte, which Postgres cannot store as text."],
    [10, "x\\"],
  ]);
});

Deno.test("short rows are filled, and empty surplus cells dropped, if the format says so", () => {
  const filling: CsvFormat = { ...COMMA, short_rows: "fill" };
  const rows = ["1,2,3", "1", '1,"2"', "1,2,", "1,2,3,, ,", '1,2,"3" ,', '1,2,3,"",', "1,2,3,,5"];
  assert.deepEqual(rowsOf(rows.join("\n"), filling, 3), [
    ["1", "2", "3"],
    ["1", "", ""],
    ["1", "2", ""],
    ["1", "2", ""],
    ["1", "2", "3"],
    ["1", "2", "3"],
    "malformed: The row has 5 fields where the header has 3.",
    "malformed: The row has 5 fields where the header has 3.",
  ]);
});

Deno.test("invalid UTF-8 fails its row only, wherever the row is cut or quoted", () => {
  const bad: readonly (readonly number[])[] = [
    [0xff],
    [0xc3],
    [0xc3, 0x28],
    [0xa9],
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xe2, 0x82],
  ];
  for (const sequence of bad) {
    for (const quote of ["", '"']) {
      const bytes = concat("é,1\n", `2,${quote}`, sequence, `${quote}\nü,3\n`);
      assert.deepEqual(rowsOf(bytes, COMMA, 2), [
        ["é", "1"],
        "encoding: The row holds bytes that are not valid UTF-8.",
        ["ü", "3"],
      ], JSON.stringify(sequence));
    }
  }
});

Deno.test("all of Unicode's extremes are valid", () => {
  const text = "\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}";
  assert.deepEqual(rowsOf(`${text},"${text}"\n`), [[text, text]]);
});

Deno.test("a NUL byte fails its row only", () => {
  assert.deepEqual(rowsOf('a,\0\n"\0",b\nc,d'), [
    "encoding: The row holds a NUL byte, which Postgres cannot store as text.",
    "encoding: The row holds a NUL byte, which Postgres cannot store as text.",
    ["c", "d"],
  ]);
});

Deno.test("empty lines are not rows but count as lines; the last line end may be missing", () => {
  const seen = readAll("\n\r\na,b\n\n\nc,d\r\n\r\ne,f");
  assert.deepEqual(seen.map((r) => [r.row, r.line, r.fields]), [
    [1, 3, ["a", "b"]],
    [2, 6, ["c", "d"]],
    [3, 8, ["e", "f"]],
  ]);
  assert.deepEqual(readAll(""), []);
  assert.deepEqual(readAll("\n\n"), []);
});

Deno.test("a line of only delimiters or only spaces is a row", () => {
  assert.deepEqual(rowsOf(",,\n  \n"), [["", "", ""], ["  "]]);
});

Deno.test("an empty quoted field at a line's start is a row, not an empty line", () => {
  assert.deepEqual(rowsOf('""\n"",\n'), [[""], ["", ""]]);
});

Deno.test("LF, CRLF and CR CR LF may mix, and a row with a CR elsewhere outside quotes fails", () => {
  const lone = "malformed: The row has a line break outside quotes: CR, where rows end with LF.";
  assert.deepEqual(rowsOf('a,b\r\nc,d\ne\rf,"g"\r\nh,i\r\r\n"j","k"\r\r\n"l\r",m\nn\r,o\n'), [
    ["a", "b"],
    ["c", "d"],
    lone,
    ["h", "i"],
    ["j", "k"],
    ["l\r", "m"],
    lone,
  ]);
});

Deno.test("in a file of CR lines, a row with an LF outside quotes fails", () => {
  assert.deepEqual(rowsOf('a,b\rc,d\ne\r"f\n",g\r\nh,i', CR_ONLY), [
    ["a", "b"],
    "malformed: The row has a line break outside quotes: LF, where rows end with CR.",
    ["f\n", "g"],
    "malformed: The row has a line break outside quotes: LF, where rows end with CR.",
  ]);
});

Deno.test("a run that was planned by the old grammar is read by it", () => {
  const old: CsvFormat = { type: "csv", delimiter: ",", newline: "lf" };
  assert.deepEqual(rowsOf('1, "x"\n2,"x" \n"a\nb"c\n', old), [
    ["1", ' "x"'],
    "malformed: A quoted field has text after its closing quote.",
    "malformed: A quote is not closed.",
    ['b"c'],
  ]);
});

Deno.test("a CR at the very end is half a line end", () => {
  assert.deepEqual(rowsOf("a,b\r"), [["a", "b"]]);
  assert.deepEqual(rowsOf('a,"b"\r'), [["a", "b"]]);
  assert.deepEqual(rowsOf("a\r\n\r"), [["a"]]);
});

Deno.test("a file of CR lines reads like any other, and its line breaks in quotes count", () => {
  const seen = readAll('a,b\r"1\r2",x\r\r3,"y\nz"\r4,"open\r5,e', CR_ONLY);
  assert.deepEqual(seen.map((r) => [r.row, r.line, r.fields ?? r.defect]), [
    [1, 1, ["a", "b"]],
    [2, 2, ["1\r2", "x"]],
    [3, 5, ["3", "y\nz"]],
    [4, 6, "malformed: A quote is not closed."],
    [5, 7, ["5", "e"]],
  ]);
});

Deno.test("rows and lines are counted from the piece's place in its source", () => {
  const seen = readPiece(bytesOf("a\nb\n"), COMMA, { offset: 70, line: 8, row: 5 }, 1);
  assert.deepEqual(seen.map((r) => [r.row, r.line, r.start, r.end]), [
    [5, 8, 70, 71],
    [6, 9, 72, 73],
  ]);
});

Deno.test("fields are ranges without their quotes, and their flags say what is inside", () => {
  const bytes = bytesOf('ab,"c""d","é",é\r\n');
  const reader = new CsvReader(bytes, COMMA, { offset: 0, line: 1, row: 1 }, 4);
  assert.equal(reader.next(), true);
  const decode = (i: number) =>
    new TextDecoder().decode(bytes.subarray(reader.fieldStart[i], reader.fieldEnd[i]));
  assert.deepEqual([0, 1, 2, 3].map(decode), ["ab", 'c""d', "é", "é"]);
  assert.deepEqual([...reader.fieldFlags], [
    0,
    FIELD_QUOTED | FIELD_DOUBLED_QUOTES,
    FIELD_QUOTED | FIELD_NOT_ASCII,
    FIELD_NOT_ASCII,
  ]);
  assert.equal(reader.end, bytes.length - 2);
  assert.equal(reader.next(), false);
  assert.equal(reader.next(), false);
});

Deno.test("a row of a thousand fields is read whole if no number is expected", () => {
  const fields = Array.from({ length: 1000 }, (_, i) => `f${i}`);
  assert.deepEqual(rowsOf(fields.join(",") + "\n1,2\n"), [fields, ["1", "2"]]);
});

Deno.test("a field of 10 MB is read, with and without quotes", () => {
  const big = "x,y\n".repeat(10 * 1024 * 256);
  const plain = "z".repeat(10 * 1024 * 1024);
  const [first, second, third] = readAll(`"${big}",1\n${plain},2\n3,4\n`, COMMA, 2);
  assert.equal(first.fields?.[0] === big, true);
  assert.equal(second.fields?.[0] === plain, true);
  assert.equal(second.line, 1 + 10 * 1024 * 256 + 1);
  assert.deepEqual(third.fields, ["3", "4"]);
});

Deno.test("an invalid delimiter is refused", () => {
  for (const delimiter of ["", '"', "\n", "\r", "\0", ';"', ";\n"]) {
    const format: CsvFormat = { type: "csv", delimiter, newline: "lf" };
    assert.throws(() => readAll("a", format), RangeError);
  }
});
