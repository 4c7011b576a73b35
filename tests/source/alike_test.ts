/** Files that are opened as the first one of them was: nothing else may come out than by looking closely. */
import assert from "node:assert/strict";
import { Alike } from "../../src/source/alike.ts";
import type { OpenedSource } from "../../src/source/resolved_source.ts";
import { resolveSource } from "../../src/source/resolve.ts";
import { folder, sourceRule } from "./opening.ts";

const FIRST = "id,name\n1,Ana\n2,Bo\n";

async function opened(first: string, rule = sourceRule("{}")) {
  const dir = await folder();
  const write = async (name: string, content: string | Uint8Array<ArrayBuffer>) => {
    const path = `${dir.path}/${name}`;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes);
    return path;
  };
  const closely = (path: string): Promise<OpenedSource> =>
    resolveSource(path, rule, `${dir.path}/spool`);
  const found = await closely(await write("first.csv", first));
  const like = await Alike.to(found, rule, "first.csv");
  const alike = like && { open: (path: string) => like.open(path, path) };
  return { alike, write, closely, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

for (
  const [what, content] of Object.entries({
    "of the same lines": FIRST,
    "without a last line end": "id,name\n7,Cy",
    "of a header alone": "id,name\n",
    "with quotes": 'id,name\n1,"a ""b"", c"\n"2",""\n',
    "with letters beyond ASCII": "id,name\n1,Zoë\n2,日本\n",
    "with empty values": "id,name\n,\n1,\n",
  })
) {
  Deno.test(`a file ${what} is opened as the first one was`, async () => {
    await using files = await opened(FIRST);
    const path = await files.write("next.csv", content);
    const found = await files.alike!.open(path);
    assert.notEqual(found, null);
    assert.deepEqual(found, await files.closely(path));
  });
}

for (
  const [what, content] of Object.entries({
    "another header": "name,id\nAna,1\n",
    "a header that only begins like it": "id,name,more\n1,Ana,x\n",
    "no line end after its header": "id,name",
    "a row with fewer values": "id,name\n1\n",
    "a row with more": "id,name\n1,Ana,x\n",
    "a comma at its end": "id,name\n1,Ana,",
    "an empty line": "id,name\n\n1,Ana\n",
    "CRLF": "id,name\n1,Ana\r\n2,Bo\r\n",
    "a lone CR": "id,name\n1,A\rna\n",
    "a value of two lines": 'id,name\n1,"A\nna"\n',
    "a quote in the middle": 'id,name\n1,A"na\n',
    "text after a quote": 'id,name\n1,"Ana"x\n',
    "an open quote": 'id,name\n1,"Ana\n',
    "apostrophes around values": "id,name\n'1','Ana'\n",
    "the header once more": "id,name\n1,Ana\nid,name\n2,Bo\n",
    "\\N": "id,name\n1,\\N\n",
    "NULs": "id,name\n1,A\0\n",
    "NULs at its end": "id,name\n1,Ana\n\0\0\0\0",
    "an escape sequence": "id,name\n1,\u001b$B!!\n",
    "the end of a DOS file": "id,name\n1,Ana\n\u001a",
    "other bytes than UTF-8": Uint8Array.from([
      ...new TextEncoder().encode(FIRST),
      0x33,
      0x2c,
      0xe9,
    ]),
  })
) {
  Deno.test(`a file with ${what} is looked at more closely`, async () => {
    await using files = await opened(FIRST);
    assert.equal(await files.alike!.open(await files.write("next.csv", content)), null);
  });
}

Deno.test("a header that is repeated is found below one with a byte order mark, too", async () => {
  await using files = await opened(`\ufeff${FIRST}`);
  const path = await files.write("next.csv", `\ufeff${FIRST}${FIRST}`);
  assert.equal(await files.alike!.open(path), null);
  const good = await files.write("next.csv", `\ufeff${FIRST}3,Cy\n`);
  assert.deepEqual(await files.alike!.open(good), await files.closely(good));
});

Deno.test("what can't be opened is left to whoever says what is wrong with it", async () => {
  await using files = await opened(FIRST);
  const { alike, write } = files;
  const path = await write("next.csv", FIRST);
  await Deno.remove(path);
  assert.equal(await alike!.open(path), null);
  await Deno.mkdir(path);
  assert.equal(await alike!.open(path), null);
  assert.equal(await alike!.open(await write("next.tsv", FIRST)), null);
  const { success } = await new Deno.Command("mkfifo", { args: [`${path}.csv`] }).output();
  assert.ok(success);
  assert.equal(await alike!.open(`${path}.csv`), null);
});

for (
  const [what, first, definition] of [
    ["two delimiters in its header", "a;b,c\n1;2,3\n", "{}"],
    ["something to be said of it", "id,name\n1,\\N\n", "{}"],
    ["lines before its header", "sep=;\nid;name\n1;Ana\n", "{}"],
    ["rows that are left out", FIRST, "{ skip_rows: '^2' }"],
    ["a footer", FIRST, "{ skip_footer: 1 }"],
    ["names from the definition", "1,Ana\n", "{ header: [id, name] }"],
    ["JSON", '{"id": 1}\n', "{}"],
    ["CR alone", "id,name\r1,Ana\r", "{}"],
    ["comments", FIRST, "{ comment: '#' }"],
    ["no line end", "id,name", "{}"],
  ]
) {
  Deno.test(`no file is opened as one with ${what}`, async () => {
    await using files = await opened(first, sourceRule(definition));
    assert.equal(files.alike, null);
  });
}

Deno.test("whatever a file holds, it is opened as by looking closely", async () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor(seed / 2 ** 31 * below);
  };
  const values = [
    "1",
    "",
    "Ana",
    '"a, b"',
    '""',
    '"x ""y"""',
    "Zoë",
    " 5",
    "a;b",
    "a|b\tc",
    "'q",
    "é'",
  ];
  const odd = ["\\N", '"', "\r", "\n", "a,b", "\0", "#x", "id,name,city"];
  for (const end of ["\n", "\r\n"]) {
    const header = `id,name,city${end}`;
    await using files = await opened(`${header}1,Ana,Rome${end}`);
    let alike = 0;
    for (let i = 0; i < 300; i++) {
      const rows = Array.from(
        { length: random(6) },
        () =>
          [0, 1, 2].map(() =>
            random(40) === 0 ? odd[random(odd.length)] : values[random(values.length)]
          )
            .join(","),
      );
      const content = header + rows.join(end) + (random(3) === 0 ? "" : end);
      const path = await files.write("next.csv", content);
      const found = await files.alike!.open(path);
      if (found === null) continue;
      alike++;
      assert.deepEqual(found, await files.closely(path), JSON.stringify(content));
    }
    assert.ok(alike > 50 && alike < 300, String(alike));
  }
});
