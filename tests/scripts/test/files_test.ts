import assert from "node:assert/strict";
import { findTests, nameTests, selectTests } from "../../../scripts/test/files.ts";

Deno.test("the test files of a folder and its folders are found, and nothing else", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ingest-test-files-" });
  try {
    await Deno.mkdir(`${folder}/b`);
    for (
      const name of ["c_test.ts", "a.test.ts", "test.ts", "latest.ts", "b/a_test.ts", "b/a.ts"]
    ) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
    }
    const names = ["a.test.ts", "b/a_test.ts", "c_test.ts", "test.ts"];
    assert.deepEqual(await findTests(folder), names.map((name) => `${folder}/${name}`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("options, and what belongs to --filter, are told from files and folders", async () => {
  const args = ["--fail-fast", "./tests/scripts/test", "--filter", "tests", "--filter=x"];
  assert.equal(nameTests(args), true);
  const selected = await selectTests(args);
  assert.deepEqual(selected?.options, ["--fail-fast", "--filter", "tests", "--filter=x"]);
  assert.ok(selected.files.includes("tests/scripts/test/files_test.ts"));
  assert.equal(nameTests(["--filter", "tests"]), false);
});

Deno.test("a file that is named twice runs once, also if its folder is named", async () => {
  const file = "tests/scripts/test/files_test.ts";
  const selected = await selectTests([file, `./${file}`, Deno.realPathSync(file), file]);
  assert.deepEqual(selected?.files, [file]);
});

Deno.test("what is neither there nor an option is left to deno test", async () => {
  assert.equal(await selectTests(["tests/scripts/**/*_test.ts"]), null);
  assert.equal(await selectTests(["--reporter", "dot", "tests"]), null);
});
