/** What somebody says of a file, and what has no meaning for it. */
import assert from "node:assert/strict";
import { resolveSource } from "../../src/source/resolve.ts";
import { oneSheet, textRow } from "./xlsx/workbook.ts";
import { folder, sourceRule } from "./opening.ts";

async function notesOf(
  content: string | Uint8Array<ArrayBuffer>,
  yaml: string,
): Promise<readonly string[]> {
  await using dir = await folder();
  const path = `${dir.path}/file`;
  await Deno.writeFile(
    path,
    typeof content === "string" ? new TextEncoder().encode(content) : content,
  );
  const { source } = await resolveSource(path, sourceRule(yaml), `${dir.path}/spool`);
  return source.notes ?? [];
}

Deno.test("settings that a file's format doesn't have are told, and others are not", async () => {
  const table = oneSheet(textRow("id") + textRow("1"));
  const cases: readonly (readonly [
    content: string | Uint8Array<ArrayBuffer>,
    yaml: string,
    note: RegExp | null,
  ])[] = [
    [
      "id,name\n1,x\n",
      "{ sheet: 7 }",
      /delimited text, of which sheet says nothing and is not used/u,
    ],
    ["id,name\n1,x\n", "{ delimiter: ',', quote: none, encoding: utf-8 }", null],
    ["id,name\n1,x\n", "{ member: a.csv }", /no zip archive: member is not used/u],
    [
      table,
      "{ delimiter: ';', encoding: cp850 }",
      /a workbook, of which delimiter, encoding say nothing/u,
    ],
    [table, "{ sheet: 1, skip_empty_rows: false }", null],
    [
      '{"id": 1}\n',
      "{ sheet: 2 }",
      /JSON, of which sheet says nothing/u,
    ],
    ['{"id": 1}\n', "{ format: ndjson }", null],
    [
      "ab 1\n",
      "{ format: fixed, widths: { n: 3, i: 1 }, sheet: 2 }",
      /fixed width, of which sheet/u,
    ],
  ];
  for (const [content, yaml, note] of cases) {
    const notes = await notesOf(content, yaml);
    if (note === null) assert.deepEqual(notes, [], yaml);
    else assert.match(notes.join("\n"), note, yaml);
  }
});
