import assert from "node:assert/strict";
import { chooseEncoding } from "../../../src/source/encoding/choose_encoding.ts";
import { SAMPLE_BYTES } from "../../../src/source/encoding/encoding.ts";
import { encodedAs } from "./encoded.ts";
import { bytesOf, concat } from "../records.ts";

async function chosen(content: Uint8Array, wanted = "auto") {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, content);
    const sample = content.subarray(0, SAMPLE_BYTES);
    return await chooseEncoding({ path, name: "f.csv", size: content.length, sample }, wanted);
  } finally {
    await Deno.remove(path);
  }
}

async function encodingOf(content: Uint8Array): Promise<string> {
  return (await chosen(content)).encoding;
}

const western = (text: string) => [...encodedAs("windows-1252", text)];

Deno.test("UTF-8 and ASCII are UTF-8, without a word", async () => {
  for (const text of ["a,b\n", "Zoë,Köln\n", "id,name\n1,你好\n"]) {
    assert.deepEqual(await chosen(bytesOf(text)), { encoding: "utf-8", bomBytes: 0, notes: [] });
  }
});

Deno.test("a UTF-8 file stays UTF-8 if characters in it were cut off or damaged", async () => {
  const files = [
    // Values that were cut to a number of bytes.
    concat("id,name\n1,Müller\n2,abc", [0xe6, 0x97], "\n3,def", [0xe6, 0x97], "\n"),
    concat("id,name\n1,", [...bytesOf("日本語").subarray(0, 8)], "\n2,日本\n"),
    concat("né,ü,é\nx", [0xff], "\n"),
    concat("id,name\n1,Zoë\n2,", [0xff, 0xfe], "\n"),
    // Rows of another file, in another encoding.
    concat("id,name\n1,Müller\n2,", western("Jäger"), "\n3,", western("Köln"), "\n"),
    concat("id,name\n1,José\n", western("2,José\n3,Núñez\n4,Málaga\n")),
  ];
  for (const file of files) assert.equal(await encodingOf(file), "utf-8");
});

Deno.test("if little of a file is valid UTF-8, its user is told that other rows will fail", async () => {
  const { encoding, notes } = await chosen(
    concat("id,name\n1,José\n", western("2,José\n3,Núñez\n4,Málaga\n")),
  );
  assert.equal(encoding, "utf-8");
  assert.match(
    notes.join("\n"),
    /Read as UTF-8, although only 1 of 4 places beyond ASCII are valid/,
  );
});

Deno.test("a guess is told, with the reason and with what to do", async () => {
  assert.deepEqual((await chosen(concat("id,name\n1,", western("Müller"), "\n"))).notes, [
    "Read as windows-1252, since it is not UTF-8. " +
    "If letters are wrong, name the encoding with --encoding, or in the definition.",
  ]);
  const wide = concat([..."id,n\n"].flatMap((c) => [c.charCodeAt(0), 0]));
  assert.match((await chosen(wide)).notes[0], /^Read as utf-16le, which its bytes look like/);
});

Deno.test("accidental UTF-8 in another encoding doesn't make a file UTF-8", async () => {
  // C9 AE is a phonetic sign in UTF-8, C5 AE a Ů.
  assert.equal(await encodingOf(concat("a\n", western("CAFÉ®\nÉCOLE\nÉTÉ\n"))), "windows-1252");
  const chinese = [...encodedAs("gb18030", "1,女,张伟\n2,男,王芳\n3,女,李娜\n")];
  assert.equal(await encodingOf(concat("id,sex,name\n", chinese)), "gb18030");
});

Deno.test("the few rows in UTF-8 of a file in another encoding are pointed out", async () => {
  const rows = western("Jäger\nKöln\nGröße\n".repeat(20));
  const { encoding, notes } = await chosen(concat("name\n", rows, "Müller\n"));
  assert.equal(encoding, "windows-1252");
  assert.match(notes[0], /But it looks like UTF-8 on line 62\./);
});

Deno.test("what comes after the first megabyte counts, too", async () => {
  const ascii = bytesOf("1234567,abc\n".repeat(200_000));
  const cyrillic = encodedAs("windows-1251", "1,Иванов,Москва\n2,Петров,улица\n".repeat(10_000));
  assert.equal(await encodingOf(concat([...ascii.subarray(0, 1_200_000)])), "utf-8");
  const file = new Uint8Array(ascii.length + cyrillic.length);
  file.set(ascii);
  file.set(cyrillic, ascii.length);
  assert.equal(await encodingOf(file), "windows-1251");

  // One damaged name at the beginning says less than all of the rest.
  const rest = bytesOf("2,Zoë,Köln\n".repeat(200_000));
  const head = concat("id,n,c\n1,", western("Zoë"), ",x\n");
  const mostly = new Uint8Array(head.length + rest.length);
  mostly.set(head);
  mostly.set(rest, head.length);
  assert.equal(await encodingOf(mostly), "utf-8");
});

Deno.test("a definition's encoding is taken, and a contradiction is told", async () => {
  const greek = concat("a\n", [...encodedAs("iso-8859-7", "Αθήνα")], "\n");
  assert.deepEqual(await chosen(greek, "iso-8859-7"), {
    encoding: "iso-8859-7",
    bomBytes: 0,
    notes: [],
  });
  const utf8 = await chosen(bytesOf("Zoë\n"), "windows-1252");
  assert.match(
    utf8.notes[0],
    /as the definition or --encoding says, but its bytes are valid UTF-8/,
  );
  const marked = await chosen(bytesOf("\ufeffa\n"), "windows-1252");
  assert.equal(marked.encoding, "utf-8");
  assert.match(marked.notes[0], /as its byte order mark says, and not as windows-1252/);
  assert.deepEqual((await chosen(bytesOf("\ufeffa\n"), "utf-8")).notes, []);
});

Deno.test("UTF-32 is refused by name", async () => {
  const bytes = concat([0xff, 0xfe, 0, 0], [..."id\n"].flatMap((c) => [c.charCodeAt(0), 0, 0, 0]));
  await assert.rejects(chosen(bytes), /f\.csv: it is in UTF-32\. Save it as UTF-8\./);
});

Deno.test("if only cut characters could be UTF-8, that is pointed out", async () => {
  const cut = concat("id,name\n1,x\n2,abc", [0xe6, 0x97], "\n3,def", [0xe6, 0x97], "\n");
  const { encoding, notes } = await chosen(cut);
  assert.equal(encoding, "windows-1252");
  assert.match(notes.join(), /But on line 3, it could be UTF-8 that was cut off\./);
  assert.doesNotMatch((await chosen(concat("1,", western("Müller"), "\n"))).notes.join(), /cut/);
});

Deno.test("Japanese in escape sequences is recognised; colours of a terminal are not", async () => {
  const japanese = "id,name\n1,\x1b$BEl5~ET\x1b(B\n";
  const { encoding, notes } = await chosen(bytesOf(japanese));
  assert.equal(encoding, "iso-2022-jp");
  assert.match(notes.join(), /^Read as iso-2022-jp, since it has the escape sequences/);
  assert.equal(new TextDecoder(encoding).decode(bytesOf(japanese)), "id,name\n1,東京都\n");
  for (const text of ["id\n\x1b[31mred\x1b[0m\n", "id\n\x1b$B\x1b(B\n", "id\n\x1b$Bé\x1b(B\n"]) {
    assert.equal(await encodingOf(bytesOf(text)), "utf-8");
  }
});
