import assert from "node:assert/strict";
import { looksBinary } from "../../src/source/binary.ts";
import { bytesOf, concat } from "./records.ts";

Deno.test("well-known kinds of binary files are named", () => {
  const zip = (member: string) => concat([0x50, 0x4b, 3, 4, 20, 0, 6, 0], member);
  const ole = (part: string) =>
    concat([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], [...part].join("\0"));
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [zip("[Content_Types].xml"), "an Excel workbook"],
    [zip("_rels/.rels......xl/workbook.xml"), "an Excel workbook"],
    [
      zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
      "an OpenDocument spreadsheet (.ods)",
    ],
    [zip("data.csv"), "a zip archive"],
    [ole("Workbook"), "an old Excel workbook (.xls)"],
    [ole("WordDocument"), "an old Word document (.doc)"],
    [ole("EncryptedPackage"), "an Excel workbook with a password"],
    [ole(""), "an old Excel workbook (.xls), or one with a password"],
    [bytesOf("%PDF-1.7\n1 0 obj\n"), "a PDF document"],
    [concat([0x89], "PNG\r\n", [0x1a, 0x0a]), "a PNG image"],
    [bytesOf("SQLite format 3\0"), "an SQLite database"],
    [concat("PAR1", [0x15, 0x04, 0x15]), "a Parquet file"],
  ];
  for (const [bytes, what] of cases) assert.equal(looksBinary(bytes, "auto"), what);
});

Deno.test("a file with many NUL and control bytes is binary data", () => {
  const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * i * 7 + i) & 0xff);
  assert.equal(looksBinary(bytes, "auto"), "binary data");
});

Deno.test("text is not binary, whatever it begins with and with some NULs in it", () => {
  const texts = ["a,b\n1,2\n", "", "BZhang,PAR1\n", "PAR1,b\nx,y\n", "GIF89a;b\n", "id,n\n1,\0\n"];
  for (const text of texts) assert.equal(looksBinary(bytesOf(text), "auto"), null, text);
  assert.equal(
    looksBinary(bytesOf("id,name\n" + "1,good\n".repeat(99) + "2,\0\0\n"), "auto"),
    null,
  );
  assert.equal(looksBinary(concat("a,b\n", [0xe9, 0xfc, 0xdf], "\n"), "auto"), null);
});

Deno.test("UTF-16 is not binary, with and without a byte order mark", () => {
  const le = [..."name,city\n".repeat(20)].flatMap((c) => [c.charCodeAt(0), 0]);
  assert.equal(looksBinary(concat(le), "auto"), null);
  assert.equal(looksBinary(concat([0xff, 0xfe], le), "auto"), null);
});

Deno.test("where the definition says UTF-16, NULs are no sign of binary data", () => {
  const units = Uint8Array.from({ length: 400 }, (_, i) => i % 2 === 0 ? 0 : 0x01 + (i % 7));
  assert.equal(looksBinary(units, "auto"), "binary data");
  assert.equal(looksBinary(units, "utf-16be"), null);
});
