import assert from "node:assert/strict";
import { detectDelimiter, detectEncoding, detectNewline } from "../../src/source/detect.ts";
import { bytesOf, concat } from "./records.ts";

const encodingOf = (bytes: Uint8Array) => detectEncoding(bytes).encoding;

Deno.test("a byte order mark decides the encoding and is counted", () => {
  assert.deepEqual(detectEncoding(concat([0xef, 0xbb, 0xbf], "a,b\n")), {
    encoding: "utf-8",
    bomBytes: 3,
  });
  assert.deepEqual(detectEncoding(concat([0xff, 0xfe, 0x61, 0x00])), {
    encoding: "utf-16le",
    bomBytes: 2,
  });
  assert.deepEqual(detectEncoding(concat([0xfe, 0xff, 0x00, 0x61])), {
    encoding: "utf-16be",
    bomBytes: 2,
  });
});

Deno.test("UTF-16 without a mark is known by its NULs", () => {
  const be = [..."name,city\n"].flatMap((c) => [0, c.charCodeAt(0)]);
  const le = [..."name,city\n"].flatMap((c) => [c.charCodeAt(0), 0]);
  assert.equal(encodingOf(concat(be)), "utf-16be");
  assert.equal(encodingOf(concat(le)), "utf-16le");
  assert.equal(encodingOf(bytesOf("a,b\n1,\0\n2,\0\n")), "utf-8");
});

Deno.test("valid UTF-8 and plain ASCII are UTF-8, also when the sample cuts a character", () => {
  assert.equal(encodingOf(bytesOf("a,b\n")), "utf-8");
  assert.equal(encodingOf(new Uint8Array()), "utf-8");
  for (const character of ["é", "€", "𝄞", "\u0800", "\u{10ffff}", "\ud7ff"]) {
    const whole = bytesOf(`name\n${character}`);
    for (let end = 5; end <= whole.length; end++) {
      assert.equal(encodingOf(whole.subarray(0, end)), "utf-8", `${character} cut at ${end}`);
    }
  }
});

Deno.test("text with single bytes above ASCII is Windows-1252, also at the sample's end", () => {
  assert.equal(encodingOf(concat("name\nJos", [0xe9], "\nM", [0xfc], "ller\n")), "windows-1252");
  assert.equal(encodingOf(concat("caf", [0xe9], " cr", [0xe8], "me ", [0xff])), "windows-1252");
});

Deno.test("one damaged row does not turn a UTF-8 file into Windows-1252", () => {
  assert.equal(encodingOf(concat("né,ü,é\nx", [0xff], "\n")), "utf-8");
});

Deno.test("the delimiter is the one under which header and rows agree", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a,b,c\n1,2,3\n", ","],
    ["a;b;c\n1;2;3\n", ";"],
    ["a\tb\n1\t2\n", "\t"],
    ["a|b|c\n1|2|3\n", "|"],
    // Decimal commas, more of them than of the delimiter.
    ["name;x;y\na;1,5;2,5\nb;3,25;4,5\n", ";"],
    ["x;y;z\n1,1;1,2;1,3\n1,1;1,2;1,3\n", ";"],
    // The other candidates inside quotes, and in free text.
    ['a,b\n"1;2;3","x|y|z"\n"4;5;6","x|y|z"\n', ","],
    ["id,note\n1,a; b; c\n2,d; e; f\n", ","],
    ["id\taddress\n1\tMain St, Springfield, IL\n2\tElm St, Salem, OR\n", "\t"],
    // The header has fewer commas than all of the rows.
    ["name, first;x\n" + "a, b, c;1\n".repeat(40), ";"],
    // A quoted line break must not split a record.
    ['a;b\n"x\ny";1\n"z,\nw,";2\n', ";"],
    // Ragged rows and broken quotes here and there.
    ['a;b;c\n1;2;3\n1;2\n1;"x;3\n4;5;6\n1;2;3;4\n7;8;9\n', ";"],
    // CR line ends; a header alone; the last record cut.
    ["a;b\r1;2\r3;4\r", ";"],
    ["a;b;c", ";"],
    ["a|b|c\n1|2|3\n4|", "|"],
  ];
  for (const [text, delimiter] of cases) {
    assert.equal(detectDelimiter(bytesOf(text)), delimiter, JSON.stringify(text));
  }
});

Deno.test("a file of one column is taken as comma-separated", () => {
  assert.equal(detectDelimiter(bytesOf("name\nalice\nbob\n")), ",");
  assert.equal(detectDelimiter(bytesOf("note\na; b\nc; d\n")), ",");
  assert.equal(detectDelimiter(bytesOf("")), ",");
});

Deno.test("CR is the line end only where no LF stands outside quotes", () => {
  assert.equal(detectNewline(bytesOf("a,b\n1,2\n")), "lf");
  assert.equal(detectNewline(bytesOf("a,b\r\n1,2\r\n")), "lf");
  assert.equal(detectNewline(bytesOf("a,b\r1,2\r")), "cr");
  assert.equal(detectNewline(bytesOf('a,b\r1,"x\ny"\r')), "cr");
  assert.equal(detectNewline(bytesOf('a,"x\ry"\n')), "lf");
  assert.equal(detectNewline(bytesOf("a,b")), "lf");
});
