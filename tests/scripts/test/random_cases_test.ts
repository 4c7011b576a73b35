import assert from "node:assert/strict";
import { findTests } from "../../../scripts/test/files.ts";

Deno.test("random cases are the same in each run: only a change of the code lets a test fail", async () => {
  for (const file of await findTests("tests")) {
    const text = await Deno.readTextFile(file);
    if (!/\bfc\.(?:assert|sample)\(/u.test(text)) continue;
    assert.match(text, /\bseed\b|\bPATTERN_RUNS\b/u, `${file} has random cases without a seed`);
  }
});
