/** docs/examples.md shows all of the examples, and as they are. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { readPage, ROOT } from "./pages.ts";

Deno.test("docs/examples.md lists each folder of examples/, and shows its definitions and hooks", async () => {
  const { text } = await readPage("docs/examples.md");
  const names = await readdir(`${ROOT}examples`);
  assert.ok(names.length >= 20);
  for (const name of names) {
    assert.ok(text.includes(`(../examples/${name})`), `the table has no ${name}`);
    const [, section] = text.split(`\n## ${name}\n`);
    assert.ok(section !== undefined, `there is no section ${name}`);
    const files = (await readdir(`${ROOT}examples/${name}/importers`, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.yaml"));
    for (const { name: file, parentPath } of files) {
      const content = (await Deno.readTextFile(`${parentPath}/${file}`)).trim();
      assert.ok(
        section.split("\n## ")[0].includes(`${file}\n${content}\n\`\`\``),
        `${name}/importers/${file} is not shown as it is`,
      );
    }
  }
});
