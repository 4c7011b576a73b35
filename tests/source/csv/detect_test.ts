import assert from "node:assert/strict";
import { detectDelimiter } from "../../../src/source/csv/detect.ts";
import { bytesOf } from "../records.ts";

Deno.test("the delimiter is the one for which header and rows agree", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["a,b,c\n1,2,3\n", ","],
    ["a;b;c\n1;2;3\n", ";"],
    ["a\tb\n1\t2\n", "\t"],
    ["a|b|c\n1|2|3\n", "|"],
    // More decimal commas than delimiters.
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
    // Delimiters of two characters, and beyond ASCII.
    ["a||b||c\n1||2||3\n1||||3|x\n", "||"],
    ["a||b\n1|x|2\n1|y|2\n", "|"],
    ["a|b||c\n1|2||3\n", "|"],
    ["a¦b¦c\n1¦2,5¦3\n", "¦"],
    ["a,b\n1,¦\n", ","],
    // Only a header; a last record that is cut.
    ["a;b;c", ";"],
    ["a|b|c\n1|2|3\n4|", "|"],
  ];
  for (const [text, delimiter] of cases) {
    assert.equal(detectDelimiter(bytesOf(text)), delimiter, JSON.stringify(text));
  }
});

Deno.test("what the definition says is the quote, an escape or a comment is no delimiter", () => {
  assert.equal(detectDelimiter(bytesOf("a;b\n,1;2,;3\n"), "lf", { quote: "," }), ";");
  assert.equal(detectDelimiter(bytesOf("a|b,c\n1|2,3\n"), "lf", { comment: "|" }), ",");
});

Deno.test("lines may end with CR", () => {
  assert.equal(detectDelimiter(bytesOf("a;b\r1;2\r3;4\r"), "cr"), ";");
});

Deno.test("a file of one column is taken as comma-separated", () => {
  assert.equal(detectDelimiter(bytesOf("name\nalice\nbob\n")), ",");
  assert.equal(detectDelimiter(bytesOf("note\na; b\nc; d\n")), ",");
  assert.equal(detectDelimiter(bytesOf("")), ",");
});
