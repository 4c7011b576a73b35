import assert from "node:assert/strict";
import { pageWords } from "../../../src/http/pages/words.ts";

for (
  const [said, shown] of [
    ["Waived 2 of 4 failed rows of run 1.", "Left out 2 of 4 failed rows of run 1."],
    [
      "No longer waived: 2 of 4 failed rows of run 1.",
      "No longer left out: 2 of 4 failed rows of run 1.",
    ],
    ["Nothing is left to waive.", "Nothing is left to leave out."],
    ["1 row was waived already.", "1 row was left out already."],
    ["Cannot waive rows of run 1", "Cannot leave out rows of run 1"],
    ["The column waiver is wrong.", "The column waiver is wrong."],
  ]
) {
  Deno.test(`on pages: ${shown}`, () => assert.equal(pageWords(said), shown));
}
