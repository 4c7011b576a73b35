import assert from "node:assert/strict";
import { detectEncoding } from "../../src/source/encoding.ts";
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

Deno.test("UTF-16 without a mark is recognised by its NULs", () => {
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
