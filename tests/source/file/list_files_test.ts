/** Which files patterns, folders and names mean, and in what order. */
import assert from "node:assert/strict";
import { SourceError } from "../../../src/source/error.ts";
import { listFiles } from "../../../src/source/file/list_files.ts";

async function folderWith(names: readonly string[]): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "ingest-list-" });
  for (const name of names) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, "id\n");
  }
  return folder;
}

async function listed(folder: string, given: readonly string[]): Promise<string[]> {
  const found = await listFiles(given.map((name) => `${folder}/${name}`));
  return found.map((path) => path.slice(folder.length + 1));
}

const NAMES = ["b.csv", "a-10.csv", "a-2.csv", "a-02.csv", "sub/c.csv", ".hidden.csv", "x[1].csv"];

for (
  const [given, expected] of [
    [["*.csv"], ["a-02.csv", "a-2.csv", "a-10.csv", "b.csv", "x[1].csv"]],
    [["**/*.csv"], ["a-02.csv", "a-2.csv", "a-10.csv", "b.csv", "sub/c.csv", "x[1].csv"]],
    [["a-?.csv"], ["a-2.csv"]],
    [["{b,a-2}.csv"], ["a-2.csv", "b.csv"]],
    [["sub"], ["sub/c.csv"]],
    [["b.csv", "a-2.csv"], ["a-2.csv", "b.csv"]],
    [["b.csv", "*.csv", "./b.csv"], ["a-02.csv", "a-2.csv", "a-10.csv", "b.csv", "x[1].csv"]],
    // A file that has a pattern's characters in its name.
    [["x[1].csv"], ["x[1].csv"]],
    [[".hidden.csv"], [".hidden.csv"]],
    // What is not there is for whoever opens it.
    [["missing.csv"], ["missing.csv"]],
  ] as const
) {
  Deno.test(`${given.join(" and ")} means ${expected.join(", ")}`, async () => {
    const folder = await folderWith(NAMES);
    try {
      assert.deepEqual(await listed(folder, given), expected);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("what means no file is said", async () => {
  const folder = await folderWith(["a.csv"]);
  await Deno.mkdir(`${folder}/empty`);
  try {
    for (
      const [given, message] of [
        [
          "*.tsv",
          /\*\.tsv: no file has such a name\. Check the pattern, and that it is in quotes/u,
        ],
        ["empty", /empty: the folder has no files/u],
        ["emp*", /emp\*: no file has such a name/u],
      ] as const
    ) {
      await assert.rejects(
        listed(folder, [given]),
        (error) => error instanceof SourceError && message.test(error.message),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("numbers in names are compared as numbers, however long they are", async () => {
  const names = ["9007199254740993.csv", "9007199254740992.csv", "10.csv", "9.csv", "1a2.csv"];
  const folder = await folderWith(names);
  try {
    assert.deepEqual(await listed(folder, ["*"]), [
      ...["1a2.csv", "9.csv", "10.csv", "9007199254740992.csv", "9007199254740993.csv"],
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
