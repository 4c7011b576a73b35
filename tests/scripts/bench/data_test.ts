import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "../../../scripts/bench/data/files.ts";
import { countSpecial, type KindName, KINDS } from "../../../scripts/bench/data/kinds.ts";

const ROWS = 400;
const KIND_NAMES = Object.keys(KINDS) as KindName[];

async function textOf(kind: KindName): Promise<string> {
  const path = await Deno.makeTempFile();
  try {
    await writeFile(path, kind, ROWS, new AbortController().signal);
    return await Deno.readTextFile(path);
  } finally {
    await Deno.remove(path);
  }
}

/** The lines of `kind` that differ from the valid file, by their ids. */
async function changed(kind: KindName): Promise<Map<number, string>> {
  const valid = new Set((await textOf("valid")).split("\n"));
  const lines = (await textOf(kind)).split("\n").filter((line) => !valid.has(line));
  return new Map(lines.map((line) => [Number(line.split(",")[0]), line]));
}

Deno.test("the generated files have the same bytes everywhere (if not, raise GENERATION)", async () => {
  const hash = createHash("sha256");
  for (const kind of KIND_NAMES) hash.update(await textOf(kind));
  assert.equal(
    hash.digest("hex"),
    "9099044f6193d914d3247902497f18a37a3e9a230f05cc9be8b1163832321d3e",
  );
});

Deno.test("each file has the right header and number of rows", async () => {
  for (const kind of KIND_NAMES) {
    const lines = (await textOf(kind)).split("\n");
    const rows = kind === "only_old" ? countSpecial(ROWS).old : ROWS;
    assert.equal(lines.at(-1), "", kind);
    if (kind === "ndjson" || kind === "array") continue;
    assert.equal(lines.length, rows + 2, kind);
    assert.equal(lines[0], KINDS[kind].columns.join(KINDS[kind].delimiter), kind);
  }
});

Deno.test("the files in JSON have the same rows as the valid one", async () => {
  const valid = (await textOf("valid")).trimEnd().split("\n").slice(1);
  const objects = (await textOf("ndjson")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(JSON.parse(await textOf("array")), objects);
  const { columns } = KINDS.ndjson;
  const written = objects.map((object) =>
    columns.map((name) => {
      const value = object[name];
      if (name === "balance") return value.toFixed(2);
      if (name === "score") return value === null ? "" : value.toFixed(6);
      if (name === "active") return value ? "yes" : "no";
      return String(value).includes(",") ? `"${value}"` : String(value);
    }).join(",")
  );
  assert.deepEqual(written, valid);
});

Deno.test("the files differ from the valid one in their special rows, spread evenly", async () => {
  const special = countSpecial(ROWS);
  assert.deepEqual(special, { invalid: 20, refused: 4, foreign: 4, old: 40, spoilt: 12 });
  assert.equal((await changed("invalid")).size, special.invalid);
  assert.equal((await changed("all_invalid")).size, ROWS);
  assert.deepEqual([...(await changed("refused")).keys()], [7, 107, 207, 307]);
  assert.deepEqual([...(await changed("foreign")).keys()], [7, 107, 207, 307]);
  assert.equal((await changed("some_old")).size, special.old);
  const messy = (await textOf("messy")).split("\n");
  const spoilt = (await textOf("spoilt")).split("\n").filter((line, i) => line !== messy[i]);
  assert.equal(spoilt.length, special.spoilt);
});

Deno.test("a messy file is written in many ways, and its clean one in one", async () => {
  const names = (text: string, separator: string) =>
    new Set(text.trimEnd().split("\n").slice(1).map((line) => line.split(separator)[1]));
  const clean = names(await textOf("cleaned"), ",");
  assert.ok(names(await textOf("messy"), ";").size > 2 * clean.size);
  for (const name of clean) assert.match(name, /^\p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+$/u);
});

Deno.test("the file of failed rows has the same rows as the file that they come from", async () => {
  const old = [...(await changed("some_old")).values()];
  const alone = (await textOf("only_old")).trimEnd().split("\n").slice(1);
  assert.deepEqual(alone, old);
});

Deno.test("the other file has the same keys but no identical row", async () => {
  const keysOf = (text: string) =>
    text.split("\n").map((line) => line.split(",").slice(0, 2).join());
  assert.deepEqual(keysOf(await textOf("other")), keysOf(await textOf("valid")));
  assert.equal((await changed("other")).size, ROWS);
});
