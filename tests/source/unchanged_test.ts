import assert from "node:assert/strict";
import { SourceError } from "../../src/source/error.ts";
import { resolveSource } from "../../src/source/resolve.ts";
import { assertUnchanged, fileState, hasSameHeader } from "../../src/source/unchanged.ts";
import { folder, sourceRule } from "./opening.ts";

Deno.test("a header is the same if its names are the same and the first row is at the same place", async () => {
  const cases: readonly (readonly [yaml: string, before: string, after: string, same: boolean])[] =
    [
      ["{}", "a,b\n1,2\n", "a,b\n3,4\n", true],
      ["{}", "a,b\n1,2\n", "a,c\n1,2\n", false],
      ["{}", "a,b\n1,2\n", "a;b\n1;2\n", false],
      ["{}", "aa,b\n1,2\n", "a,b\n11,2\n", false],
      ["{}", "aa,b\n1,2\n", "\na,b\n1,2\n", false],
      ["{}", "a,b\n1,2\n", '"a,\n1,2\n', false],
      ["{}", "a,b\n", "\n\n\n\n", false],
      ["{}", "\ufeffa,b\n1,2\n", "\ufeffa,b\n1,2\n", true],
      ["{}", "\ufeffa,b\n1,2\n", "ddda,b\n1,2\n", false],
      ["{ skip_lines: 1 }", "Export\na,b\n1,2\n", "Import\na,b\n1,2\n", true],
      ["{ skip_lines: 1 }", "Export\na,b\n1,2\n", "Im\nport,a,b\n1,2\n", false],
      ["{ header: [x, y], skip_lines: 1 }", "a,b\n1,2\n", "c,d\n1,2\n", true],
      ["{ header: [x, y], skip_lines: 1 }", "a,b\n1,2\n", "a,bc\n1,2\n", false],
      ["{ encoding: utf-16le }", "a,b\n1,2\n", "c,b\n1,2\n", true],
    ];
  await using dir = await folder();
  for (const [yaml, before, after, same] of cases) {
    const file = `${dir.path}/a.csv`;
    const rule = sourceRule(yaml);
    const isWide = rule.encoding === "utf-16le";
    const write = (text: string) =>
      isWide
        ? Deno.writeFile(file, new Uint8Array(new Uint16Array([...text].map(toCode)).buffer))
        : Deno.writeTextFile(file, text);
    await write(before);
    const { source } = await resolveSource(file, rule, `${dir.path}/spool`);
    await write(after);
    assert.equal(await hasSameHeader(source, rule), same, JSON.stringify([yaml, before, after]));
  }
});

function toCode(character: string): number {
  return character.charCodeAt(0);
}

Deno.test("a copy is compared as UTF-8, whatever the rule's encoding", async () => {
  await using dir = await folder();
  const rule = sourceRule("{ encoding: windows-1252 }");
  await Deno.writeFile(`${dir.path}/a.csv`, new Uint8Array([0xe4, 0x2c, 0x62, 0x0a, 0x31, 0x0a]));
  const { source } = await resolveSource(`${dir.path}/a.csv`, rule, `${dir.path}/spool`);
  assert.deepEqual(source.header, ["ä", "b"]);
  assert.equal(await hasSameHeader(source, rule), true);
  await Deno.writeTextFile(source.path, "ö,b\n1\n");
  assert.equal(await hasSameHeader(source, rule), false);
});

Deno.test("a path that is gone, is a folder, or leads through a file has no state", async () => {
  await using dir = await folder();
  await Deno.writeTextFile(`${dir.path}/a.csv`, "a\n1\n");
  assert.equal(await fileState(`${dir.path}/b.csv`), null);
  assert.equal(await fileState(`${dir.path}/a.csv/b.csv`), null);
  assert.equal(await fileState(dir.path), null);
  assert.equal((await fileState(`${dir.path}/a.csv`))?.size, 4);
});

Deno.test("a file is unchanged if its size and its time are", async () => {
  await using dir = await folder();
  const file = `${dir.path}/a.csv`;
  await Deno.writeTextFile(file, "a\n1\n");
  const { source } = await resolveSource(file, sourceRule("{}"), `${dir.path}/spool`);
  await assertUnchanged(source);
  const time = new Date(source.mtime! + 1);
  await Deno.utime(file, time, time);
  await assert.rejects(assertUnchanged(source), SourceError);
  await Deno.writeTextFile(file, "a\n1\n2\n");
  const before = new Date(source.mtime!);
  await Deno.utime(file, before, before);
  await assert.rejects(assertUnchanged(source), SourceError);
  await Deno.remove(file);
  await assert.rejects(assertUnchanged(source), SourceError);
});
