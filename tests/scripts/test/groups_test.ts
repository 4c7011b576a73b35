import assert from "node:assert/strict";
import { findTests } from "../../../scripts/test/files.ts";
import { ALONE, groupTests, LONGEST } from "../../../scripts/test/groups.ts";

const ALL = await findTests("tests");

Deno.test("each test file is in one group, and what needs the machine for itself has it", () => {
  const { together, alone } = groupTests(ALL);
  assert.deepEqual([...together, ...alone].flat().sort(), [...ALL].sort());
  assert.deepEqual(alone.flat().sort(), Object.keys(ALONE).sort());
  assert.deepEqual(together.slice(0, LONGEST.length).flat(), LONGEST);
});

Deno.test("files that are listed by name are there, so that a new name is noticed", () => {
  const listed = [...Object.keys(ALONE), ...LONGEST];
  assert.deepEqual(listed.filter((file) => !ALL.includes(file)), []);
});

Deno.test("a group has few files of one folder, in their order", () => {
  const files = ["a/1", "a/2", "a/3", "a/4", "a/5", "a/b/1", "c/1", "a/6"];
  assert.deepEqual(groupTests(files).together, [
    ["a/1", "a/2", "a/3", "a/4"],
    ["a/5"],
    ["a/b/1"],
    ["c/1"],
    ["a/6"],
  ]);
});
