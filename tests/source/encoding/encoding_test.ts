import assert from "node:assert/strict";
import {
  byteOrderMark,
  endOfWholeCharacters,
  isUtf8Piece,
  utf16WithoutMark,
  utf8Marks,
} from "../../../src/source/encoding/encoding.ts";
import { bytesOf, concat } from "../records.ts";

function wide(text: string, little: boolean): Uint8Array {
  return concat(
    Array.from({ length: text.length }, (_, i) => {
      const unit = text.charCodeAt(i);
      return little ? [unit & 0xff, unit >> 8] : [unit >> 8, unit & 0xff];
    }).flat(),
  );
}

Deno.test("a byte order mark decides the encoding and is counted, as often as it is there", () => {
  const mark = [0xef, 0xbb, 0xbf];
  const text = bytesOf("a,b\n");
  assert.deepEqual(byteOrderMark(concat(mark, [...text])), { encoding: "utf-8", bomBytes: 3 });
  assert.deepEqual(byteOrderMark(concat(mark, mark, [...text]))?.bomBytes, 6);
  assert.deepEqual(byteOrderMark(concat([0xff, 0xfe, 0x61, 0x00])), {
    encoding: "utf-16le",
    bomBytes: 2,
  });
  assert.deepEqual(byteOrderMark(concat([0xfe, 0xff, 0xfe, 0xff, 0x00, 0x61])), {
    encoding: "utf-16be",
    bomBytes: 4,
  });
  assert.equal(byteOrderMark(text), null);
});

Deno.test("marks before text in UTF-8 are counted even if they were encoded twice", () => {
  assert.equal(utf8Marks(bytesOf("a,b\n")), 0);
  assert.equal(utf8Marks(bytesOf("\ufeff\ufeffa,b\n")), 6);
  assert.equal(utf8Marks(bytesOf("ï»¿a,b\n")), 6);
  assert.equal(utf8Marks(bytesOf("\ufeffï»¿a,b\n")), 9);
});

Deno.test("UTF-16 without a mark is recognised in any language", () => {
  for (
    const text of [
      "name,city\n1,Rome\n",
      "номер;имя\r\n1;Анна\r\n",
      "姓名,城市\r\n张伟,北京\r\n一一,一二\r\n",
      "名前\tテスト\n東京\tありがとう\n",
      "id,note\n1,😀 and 𝄞\n",
      "नाम,शहर\nराम,दिल्ली\n",
      "ਨਾਮ,ਸ਼ਹਿਰ\nਰਾਮ,ਦਿੱਲੀ\n",
      "പേര്,നഗരം\nരാമൻ,കൊച്ചി\n",
      "ชื่อ,เมือง\nสมชาย,กรุงเทพ\n",
      "なまえ\nたろう\nはなこ\n",
      "名前\n太郎\n花子\n",
      "имя,город\nИван \ud83d,Омск\n",
      "id,name\n1,张三\n2,李四\n",
      "张三,李四\n",
    ]
  ) {
    assert.equal(utf16WithoutMark(wide(text, true)), "utf-16le", text);
    assert.equal(utf16WithoutMark(wide(text, false)), "utf-16be", text);
  }
});

Deno.test("bytes with NULs that are not UTF-16 are not taken for it", () => {
  const others = [
    "a,b\n1,\0\n2,\0\n",
    "id,name\n1,good\n".repeat(9) + "2,\0\0\n",
    "a\0b\0\0\0c\n".repeat(20),
    "\0".repeat(100),
    "a,b\n1,2\n",
    "nam1\0\nnam2\0\n",
    "1\t2\t3\n4\t5\0\t6\n",
    "1\t2\t3\t\0\n4\t5\t6\t\0\n",
  ];
  for (const text of others) assert.equal(utf16WithoutMark(bytesOf(text)), null, text);
  const noise = Uint8Array.from({ length: 4096 }, (_, i) => (i * i * 7 + i) & 0xff);
  assert.equal(utf16WithoutMark(noise), null);
});

Deno.test("a piece of UTF-8 may begin and end within a character", () => {
  for (const character of ["é", "€", "𝄞", "\u0800", "\u{10ffff}", "\ud7ff"]) {
    const whole = bytesOf(`${character}name\n${character}`);
    const length = bytesOf(character).length;
    for (let from = 0; from <= length; from++) {
      for (let to = whole.length - length; to <= whole.length; to++) {
        assert.ok(isUtf8Piece(whole.subarray(from, to)), `${character} from ${from} to ${to}`);
      }
    }
    assert.equal(endOfWholeCharacters(whole), whole.length);
    assert.equal(endOfWholeCharacters(whole.subarray(0, -1)), whole.length - length);
  }
  assert.ok(!isUtf8Piece(concat("Jos", [0xe9], "\n")));
  assert.ok(!isUtf8Piece(concat("caf", [0xff])));
});
