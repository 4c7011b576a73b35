import assert from "node:assert/strict";
import { DEFAULT_SOURCE } from "../../src/importer/complete/complete_source.ts";
import type { SourceRule } from "../../src/importer/source_rule.ts";
import { SourceError } from "../../src/source/error.ts";
import { resolveSource } from "../../src/source/resolve.ts";
import { readRange } from "../../src/source/file/range.ts";
import { asCsv, bytesOf, concat, rowsOf } from "./records.ts";

const AUTO: SourceRule = { ...DEFAULT_SOURCE, type: "file" };

/** A folder with one file in it, for as long as `use` takes. */
async function withFile(
  name: string,
  content: Uint8Array | string,
  use: (path: string, spoolFolder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/${name}`;
    await Deno.writeFile(path, typeof content === "string" ? bytesOf(content) : content);
    await use(path, `${folder}/spool`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function resolved(
  content: Uint8Array | string,
  rule: Partial<SourceRule> = {},
  name = "f.csv",
) {
  let result:
    | { readonly rows: unknown; readonly encoding: string; readonly header: unknown }
    | null = null;
  await withFile(name, content, async (path, spoolFolder) => {
    const { source } = await resolveSource(path, { ...AUTO, ...rule }, spoolFolder);
    const bytes = await readRange(source.path, source.data_start, source.data_end ?? source.size);
    result = {
      rows: rowsOf(bytes, asCsv(source.format), source.header.length),
      encoding: source.encoding,
      header: source.header,
    };
  });
  return result;
}

async function refused(content: Uint8Array | string, message: RegExp, rule?: Partial<SourceRule>) {
  await assert.rejects(resolved(content, rule), (error) => {
    assert.ok(error instanceof SourceError);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("a UTF-8 file is described in place, as plain JSON", async () => {
  await withFile("people.csv", "\ufeffName;Age\r\nZoë;7\r\n", async (path, spoolFolder) => {
    const { source } = await resolveSource(path, AUTO, spoolFolder);
    const stat = await Deno.stat(path);
    assert.deepEqual(source, {
      path,
      size: 21,
      mtime: stat.mtime?.getTime(),
      encoding: "utf-8",
      format: {
        type: "csv",
        delimiter: ";",
        newline: "lf",
        quote: '"',
        grammar: 2,
        skip_empty_rows: true,
      },
      header: ["Name", "Age"],
      header_line: 1,
      data_start: 13,
      data_line: 2,
      data_end: 21,
      notes: [],
    });
    assert.deepEqual(JSON.parse(JSON.stringify(source)), source);
    await assert.rejects(Deno.stat(spoolFolder), Deno.errors.NotFound);
  });
});

Deno.test("files in other encodings are read through a copy in UTF-8", async () => {
  const text = "Name,Ort\nZoë,Köln\n";
  const expected = { header: ["Name", "Ort"], rows: [["Zoë", "Köln"]] };
  const latin = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const le = Uint8Array.from([...text].flatMap((c) => [c.charCodeAt(0), 0]));
  const be = Uint8Array.from([...text].flatMap((c) => [0, c.charCodeAt(0)]));
  assert.deepEqual(await resolved(latin), { ...expected, encoding: "windows-1252" });
  assert.deepEqual(await resolved(le), { ...expected, encoding: "utf-16le" });
  assert.deepEqual(await resolved(concat([0xff, 0xfe], [...le])), {
    ...expected,
    encoding: "utf-16le",
  });
  assert.deepEqual(await resolved(concat([0xfe, 0xff], [...be])), {
    ...expected,
    encoding: "utf-16be",
  });
  assert.deepEqual(await resolved(latin, { encoding: "latin1" }), {
    ...expected,
    encoding: "windows-1252",
  });
});

Deno.test("a definition's encoding overrides detection, and a byte order mark overrides both", async () => {
  const greek = concat("a\n", [0xe1], "\n");
  assert.deepEqual(await resolved(greek, { encoding: "iso-8859-7" }), {
    header: ["a"],
    rows: [["α"]],
    encoding: "iso-8859-7",
  });
  assert.deepEqual(await resolved(greek, { encoding: "utf-8" }), {
    header: ["a"],
    rows: ["encoding: The row holds bytes that are not valid UTF-8."],
    encoding: "utf-8",
  });
  const marked = await resolved("\ufeffé\n1\n", { encoding: "windows-1252" });
  assert.deepEqual(marked, { header: ["é"], rows: [["1"]], encoding: "utf-8" });
});

Deno.test("format tsv and the extension .tsv mean tabs; a definition's delimiter wins", async () => {
  const text = "a,b\tc\n1,2\t3\n";
  const tabbed = { header: ["a,b", "c"], rows: [["1,2", "3"]], encoding: "utf-8" };
  assert.deepEqual(await resolved(text, { format: "tsv" }), tabbed);
  assert.deepEqual(await resolved(text, {}, "F.TSV"), tabbed);
  const commas = { header: ["a", "b\tc"], rows: [["1", "2\t3"]], encoding: "utf-8" };
  assert.deepEqual(await resolved(text, { delimiter: "," }, "f.tsv"), commas);
});

Deno.test("lines before the header don't mislead the detection of the delimiter", async () => {
  const text = "Report, made, by, someone\n\na;b\n1;2\n";
  assert.deepEqual(await resolved(text, { skip_lines: 2 }), {
    header: ["a", "b"],
    rows: [["1", "2"]],
    encoding: "utf-8",
  });
});

Deno.test("a file with only a header has no rows, and is not an error", async () => {
  const none = { header: ["a", "b"], rows: [], encoding: "utf-8" };
  for (const text of ["a,b", "a,b\n", "a,b\r\n\r\n"]) assert.deepEqual(await resolved(text), none);
});

Deno.test("a file that can't be imported is refused in one line that says why", async () => {
  await refused("", /f\.csv: the file is empty/);
  await refused("\ufeff", /the file is empty/);
  await refused("\x1a", /the file is empty/);
  for (const length of [1, 100]) {
    await refused("\0".repeat(length), /it holds NUL bytes and no text, .* Get it again/);
  }
  await refused("\n\n", /the file is empty/);
  await refused("a\n", /the file is empty after the 3 lines of skip_lines/, { skip_lines: 3 });
  await refused('a,"b\n1,2\n', /header on line 1: a quote is not closed/);
  await refused("a\n1\n", /as "utf-9": there is no such encoding/, { encoding: "utf-9" });
});

Deno.test("a missing file, a folder and a device are refused by name", async () => {
  await withFile("x.csv", "a\n", async (path, spoolFolder) => {
    const cases: readonly (readonly [string, RegExp])[] = [
      [`${path}.not`, /x\.csv\.not: there is no such file/],
      [`${path}/y.csv`, /y\.csv: there is no such file/],
      [path.slice(0, path.lastIndexOf("/")), /it is a folder/],
      ["/dev/null", /it is not a regular file/],
    ];
    for (const [bad, message] of cases) {
      await assert.rejects(resolveSource(bad, AUTO, spoolFolder), { name: "SourceError", message });
    }
  });
});

Deno.test("nothing is left in the spool folder when the header of a copy is refused", async () => {
  await withFile("x.csv", concat("a,", [0xe9], '"\n"b\n'), async (path, spoolFolder) => {
    const rule: SourceRule = { ...AUTO, skip_lines: 1 };
    await assert.rejects(resolveSource(path, rule, spoolFolder), SourceError);
    assert.deepEqual([...Deno.readDirSync(spoolFolder)], []);
  });
});

Deno.test("byte order marks are no data, however many there are, in any encoding", async () => {
  const expected = { header: ["id", "name"], rows: [["1", "a"]] };
  const text = '"id","name"\n1,a\n';
  for (const marks of ["\ufeff", "\ufeff\ufeff", "\ufeff\ufeff\ufeff", "\ufeffï»¿"]) {
    assert.deepEqual(await resolved(marks + text), { ...expected, encoding: "utf-8" });
  }
  const wide = (marked: string, little: boolean) =>
    concat([...marked].flatMap((c) => {
      const unit = c.charCodeAt(0);
      return little ? [unit & 0xff, unit >> 8] : [unit >> 8, unit & 0xff];
    }));
  const twice = "\ufeff\ufeff" + text;
  assert.deepEqual(await resolved(wide(twice, true)), { ...expected, encoding: "utf-16le" });
  assert.deepEqual(await resolved(wide(twice, false)), { ...expected, encoding: "utf-16be" });
  const skipped = await resolved("\ufeff\ufeffa title\n" + text, { skip_lines: 1 });
  assert.deepEqual(skipped, { ...expected, encoding: "utf-8" });
});

Deno.test("NULs and an end mark of DOS at a file's end are left out, and that is told", async () => {
  const rows = [["1", "a"], ["2", "b"]];
  const text = "id,name\r\n1,a\r\n2,b\r\n";
  const endings = ["\x1a", "\x1a\r\n", "\x1a".repeat(3), "\0", "\0".repeat(100_000), "\0\x1a\0\n"];
  for (const ending of endings) {
    await withFile("x.csv", text + ending, async (path, spoolFolder) => {
      const { source } = await resolveSource(path, AUTO, spoolFolder);
      assert.equal(source.data_end, text.length);
      assert.equal(source.notes?.length, 1);
      const bytes = await readRange(source.path, source.data_start, text.length);
      assert.deepEqual(rowsOf(bytes, asCsv(source.format), 2), rows);
    });
  }
  const inside = await resolved("id,name\n1,a\x1ab\n");
  assert.deepEqual(inside, { header: ["id", "name"], rows: [["1", "a\x1ab"]], encoding: "utf-8" });
});

Deno.test("UTF-16 without a mark is read in any language, also if the definition names it", async () => {
  const text = "номер;имя\r\n1;Анна\r\n2;Пётр\r\n";
  const bytes = concat([...text].flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]));
  const expected = { header: ["номер", "имя"], rows: [["1", "Анна"], ["2", "Пётр"]] };
  for (const encoding of ["auto", "utf-16le"]) {
    assert.deepEqual(await resolved(bytes, { encoding }), { ...expected, encoding: "utf-16le" });
  }
});
