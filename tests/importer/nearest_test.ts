import assert from "node:assert/strict";
import { editDistance, nearest } from "../../src/importer/nearest.ts";

Deno.test("editDistance counts insertions, deletions, replacements and swaps", () => {
  for (
    const [from, to, distance] of [
      ["", "", 0],
      ["", "abc", 3],
      ["abc", "", 3],
      ["abc", "abc", 0],
      ["kitten", "sitting", 3],
      ["emial", "email", 1],
      ["ab", "ba", 1],
      ["typ", "type", 1],
    ] as const
  ) assert.equal(editDistance(from, to), distance, `${from} → ${to}`);
});

Deno.test("nearest() finds what was probably meant, or nothing if nothing is close", () => {
  const columns = ["id", "email", "full_name", "updated_at"];
  for (
    const [name, expected] of [
      ["emial", "email"],
      ["Email", "email"],
      ["e-mail", "email"],
      ["FullName", "full_name"],
      ["full name", "full_name"],
      ["update_at", "updated_at"],
      ["updatedAt", "updated_at"],
      ["ID", "id"],
      ["xy", null],
      ["z", null],
      ["", null],
      ["balance", null],
    ] as const
  ) assert.equal(nearest(name, columns), expected, name);
});

Deno.test("nearest() takes the closer of two, and the first of two that are equally close", () => {
  assert.equal(nearest("nam", ["game", "name"]), "name");
  assert.equal(nearest("cat", ["car", "cap"]), "car");
});
