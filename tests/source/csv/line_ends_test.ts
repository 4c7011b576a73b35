import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_SOURCE } from "../../../src/importer/complete/complete_source.ts";
import type { SourceRule } from "../../../src/importer/source_rule.ts";
import { CSV } from "../../../src/source/csv/csv.ts";
import { countLineEnds, lfStream, withLf } from "../../../src/source/csv/line_ends.ts";
import { bytesOf } from "../records.ts";

const RULES = { quote: 0x22, delimiters: [0x2c] };
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What a file is read as, and how its line ends are described if it has to be rewritten. */
async function chosen(text: string, rule: Partial<SourceRule> = {}) {
  const sample = { bytes: bytesOf(text), bomBytes: 0, isWhole: true };
  const source = { ...DEFAULT_SOURCE, ...rule };
  const rewriting = CSV.rewriting(sample, source, "f.csv");
  if (rewriting === null) return CSV.detect(sample, source, "f.csv")?.newline;
  const rewritten = new Blob([text]).stream().pipeThrough(rewriting.stream());
  const kinds = /end with (.*)\. Each of these ends a row\./u.exec(rewriting.notes().join())?.[1];
  return [kinds, await new Response(rewritten).text()];
}

Deno.test("line ends are counted by kind, outside quotes", () => {
  const text = 'a,b\r\n1,"x\ry\n"\n2,"\r\n"\r3,z\r\r4,"""\r"\r\r\n5,6';
  assert.deepEqual(countLineEnds(bytesOf(text), RULES), { lf: 1, crlf: 1, cr: 3, crcrlf: 1 });
});

Deno.test("LF and CRLF, or CR alone, are read as they are", async () => {
  for (const text of ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r\n1,2\n", "a,b", 'a,"x\ry"\n']) {
    assert.equal(await chosen(text), "lf");
  }
  for (const text of ["a,b\r1,2\r", 'a,b\r1,"x\ny"\r', "a,b\r\r1,2"]) {
    assert.equal(await chosen(text), "cr");
  }
});

Deno.test("a mixture is copied with LFs, and is told", async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["id,name\r1,a\r2,b\r\n", "CRLF or CR", "id,name\n1,a\n2,b\n"],
    ["id,name\r1,a\r2,b\n", "LF or CR", "id,name\n1,a\n2,b\n"],
    ["id,name\n1,a\n2,b\r3,c\n4,d\n", "LF or CR", "id,name\n1,a\n2,b\n3,c\n4,d\n"],
    ['a;b\r\n1;"x\r\ny"\r2;z\n3;w', "LF, CRLF or CR", 'a;b\n1;"x\r\ny"\n2;z\n3;w'],
    ['"a","b"\r\r\n"1","2"\r\r\n', "CR CR LF", '"a","b"\n"1","2"\n'],
    // Quotes that are no quotes.
    ['a\tb\n1\t"x\r2\ty\n3\t"z\n4\tz\n', "LF or CR", 'a\tb\n1\t"x\n2\ty\n3\t"z\n4\tz\n'],
  ];
  for (const [text, kinds, copied] of cases) {
    assert.deepEqual(await chosen(text), [kinds, copied], JSON.stringify(text));
  }
  assert.deepEqual(await chosen("a,b\r1,'x\ny'\r\n", { quote: "'" }), [
    "CRLF or CR",
    "a,b\n1,'x\ny'\n",
  ]);
});

Deno.test("LF among CRLF, which may have broken a row in two, is told, but not within quotes", () => {
  const doubts = (text: string, rule: Partial<SourceRule> = {}) => {
    const sample = { bytes: bytesOf(text), bomBytes: 0, isWhole: true };
    const source = { ...DEFAULT_SOURCE, ...rule };
    const format = CSV.detect(sample, source, "f.csv");
    return format && CSV.doubts(sample, format, source, "f.csv");
  };
  const told = ["The file's lines end with LF or CRLF. Each of these ends a row."];
  assert.deepEqual(doubts("id,name\r\n1,a\nb\r\n2,c\r\n"), told);
  assert.deepEqual(doubts("id,name\n1,a\r\n"), told);
  assert.deepEqual(doubts('id,name\r\n1, "a\nb"\r\n2,"c\n""d"\r\n'), []);
  assert.deepEqual(doubts('id,name\r\n1,"a\\"\nb"\r\n', { escape: "\\" }), []);
  for (const text of ["a,b\n1,2\n", "a,b\r\n1,2\r\n", "a,b\r\n1,2"]) {
    assert.deepEqual(doubts(text), []);
  }
});

Deno.test("line ends within quotes stay, also after blanks and after escaped quotes", async () => {
  assert.deepEqual(await chosen('a,b\r1, "x\r\ny"\n'), ["LF or CR", 'a,b\n1, "x\r\ny"\n']);
  assert.deepEqual(await chosen('a,b\r1,"x\\"\r\ny"\n', { escape: "\\" }), [
    "LF or CR",
    'a,b\n1,"x\\"\r\ny"\n',
  ]);
});

Deno.test("a lone CR in a value doesn't end a row of LFs", async () => {
  assert.equal(await chosen("id,name\n1,a\rb\n2,c\n"), "lf");
  assert.equal(await chosen("note\nfoo\rbar\nbaz\n"), "lf");
});

Deno.test("in whatever pieces a file is copied, the copy is the same", async () => {
  const text = fc.array(fc.constantFrom("\r", "\n", "\r\n", '"', '""', ",", "a", "é"), {
    maxLength: 30,
  }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.integer({ min: 1, max: 5 })), async (text, sizes) => {
      const bytes = bytesOf(text);
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? bytes.length;
        pieces.push(bytes.slice(at, at + size));
        at += size;
      }
      const stream = ReadableStream.from(pieces).pipeThrough(lfStream(RULES));
      const whole = textOf(withLf(bytes, RULES));
      assert.equal(await new Response(stream).text(), whole);
      if (!text.includes('"')) assert.equal(whole, text.replace(/\r+\n|\r/gu, "\n"));
    }),
    { seed: 5, numRuns: 300 },
  );
});
