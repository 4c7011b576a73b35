import { deepEqual, equal, ok } from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { transcoder } from "../../../src/source/encoding/transcoder.ts";
import { encodedAs } from "./encoded.ts";
import { bytesOf, concat } from "../records.ts";

/** `cuts`: where the bytes are cut into pieces. */
function transcoded(encoding: string, bytes: Uint8Array, cuts: readonly number[] = []): Uint8Array {
  const transcode = transcoder(encoding);
  const starts = [0, ...cuts];
  return concat(
    ...starts.map((start, i) => [...transcode(bytes.subarray(start, starts[i + 1]), false)]),
    [...transcode(new Uint8Array(), true)],
  );
}

const wide = (units: readonly number[]) =>
  Uint8Array.from(units.flatMap((unit) => [unit & 0xff, unit >> 8]));

Deno.test("bytes that stand for nothing are copied, and are no valid UTF-8", () => {
  const sjis = (text: string) => [...encodedAs("shift_jis", text)];
  const cases: readonly (readonly [string, Uint8Array, Uint8Array])[] = [
    ["windows-1252", concat("a,M", [0xfc, 0x81], "x\n"), concat("a,Mü", [0x81], "x\n")],
    ["ibm869", concat("a", [0x80, 0x81], "b"), concat("a", [0x80, 0x81], "b")],
    // Side by side, these two would be a letter in UTF-8.
    ["windows-874", concat("a", [0xdb, 0x81], "b"), concat("a", [0xff, 0xdb, 0x81], "b")],
    ["shift_jis", concat(sjis("東,"), [0x82], "\n", sjis("カ")), concat("東,", [0x82], "\nカ")],
    ["shift_jis", concat("a", [0xfd, 0xfe, 0xff], "\n"), concat("a", [0xfd, 0xfe, 0xff], "\n")],
    ["euc-kr", concat("x", [0xc9]), concat("x", [0xc9])],
    ["gb18030", concat([0xc4, 0xe3, 0x81, 0x30], ",a"), concat("你", [0x81], "0,a")],
    [
      "utf-16le",
      wide([0x61, 0xd800, 0x0a, 0xdc00]),
      concat("a", [0xed, 0xa0, 0x80], "\n", [
        ...[0xed, 0xb0, 0x80],
      ]),
    ],
    ["utf-16le", concat([...wide([0xd83d, 0xde00, 0xfffd])], "x"), concat("😀�", [0xff, 0x78])],
    ["iso-2022-jp", concat("a\x1b$BEl5~ET\x1b(B", [0x80]), concat("a東京都", [0xff, 0xbf, 0xbd])],
  ];
  for (const [encoding, bytes, expected] of cases) {
    deepEqual(transcoded(encoding, bytes), expected, encoding);
    equal(isUtf8(expected), false);
  }
});

Deno.test("it makes no difference into which pieces the bytes are cut", () => {
  const texts: Readonly<Record<string, Uint8Array>> = {
    "windows-1252": concat("é", [0x81, 0xe9], ",", [0x9d]),
    shift_jis: concat([...encodedAs("shift_jis", "東京ﾀﾛ,カ")], [0x82], "\nx", [0x82]),
    gb18030: concat([0x81, 0x30, 0x81, 0x30, 0xc4, 0xe3], ",", [0x81, 0x30], "\n", [0xc4]),
    "euc-jp": concat([...encodedAs("euc-jp", "東京")], [0x8f, 0xb0, 0xa1, 0xa4]),
    "utf-16be": concat([0, 0x61, 0xd8, 0x3d, 0xde, 0, 0xdc, 0, 0, 0x0a, 0xd8]),
  };
  for (const [encoding, bytes] of Object.entries(texts)) {
    const whole = transcoded(encoding, bytes);
    for (let one = 0; one <= bytes.length; one++) {
      for (let two = one; two <= bytes.length; two++) {
        deepEqual(transcoded(encoding, bytes, [one, two]), whole, `${encoding} ${one} ${two}`);
      }
    }
  }
});

Deno.test("a long text without a byte that separates doesn't stay in memory", () => {
  const transcode = transcoder("windows-1252");
  const piece = new Uint8Array(1024 * 1024).fill(0xe9);
  const lengths = Array.from({ length: 8 }, () => transcode(piece, false).length);
  const all = lengths.reduce((sum, length) => sum + length, 0);
  ok(lengths.slice(5).every((length) => length === 2 * piece.length));
  equal(all + transcode(bytesOf("x"), true).length, 2 * 8 * piece.length + 1);
});
