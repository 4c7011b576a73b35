import assert from "node:assert/strict";
import { canonicalEncoding, CODE_PAGE_NAMES } from "../../src/importer/encoding_names.ts";
import { decoderOf } from "../../src/source/encoding/decoder.ts";

Deno.test("encodings have the names that people and programs give them", () => {
  const names: Readonly<Record<string, string>> = {
    "ibm850": "cp850 CP-850 850 ibm850 IBM-850 oem850 cp_850",
    "ibm437": "cp437 437 dos437 IBM437",
    "ibm866": "cp866 ibm866 dos-866 WIN866 866",
    "windows-1252": "cp1252 win1252 WINDOWS1252 1252 ansi latin-1 latin_1 Latin1 ISO8859-1 cp28591",
    "windows-1251": "WIN1251 cp1251 windows_1251",
    "windows-1254": "latin5 iso-8859-9",
    "iso-8859-2": "LATIN2 latin-2 iso_8859-2",
    "iso-8859-15": "ISO_8859-15 iso885915 latin9 LATIN-9",
    "shift_jis": "cp932 ms932 sjis SJIS Shift-JIS shiftjis windows-31j",
    "gbk": "cp936 gbk gb2312 GB_2312",
    "gb18030": "GB18030 gb-18030",
    "euc-kr": "cp949 uhc EUC_KR euckr",
    "big5": "Big-5 cp950",
    "euc-jp": "EUC_JP eucjp",
    "koi8-r": "koi8r KOI8-R koi8_r",
    "macintosh": "macroman mac-roman MacRoman mac",
    "x-mac-ce": "mac_latin2 mac-ce maccentraleurope",
    "utf-8": "utf8 UTF_8 utf-8-sig utf8bom",
    "utf-16le": "UTF16 utf16le utf-16-le ucs2 UCS-2",
    "utf-16be": "UTF16BE utf_16_be",
  };
  for (const [canonical, all] of Object.entries(names)) {
    for (const name of all.split(" ")) assert.equal(canonicalEncoding(name), canonical, name);
  }
  for (const name of ["utf-9", "nonsense", "iso-8859-99", "cp9", "", "utf-7", "1,2"]) {
    assert.equal(canonicalEncoding(name), null, name);
  }
});

Deno.test("every canonical name is its own name and has a decoder", () => {
  for (const name of [...CODE_PAGE_NAMES, "macintosh", "gbk", "windows-1250", "utf-16be"]) {
    assert.equal(canonicalEncoding(name), name);
    assert.equal(
      decoderOf(name).decode(new TextEncoder().encode("a,b")).length,
      name === "utf-16be" ? 2 : 3,
    );
  }
  assert.equal(decoderOf("ibm850").decode(Uint8Array.of(0x4d, 0x81, 0x6c)), "Mül");
});
