import assert from "node:assert/strict";
import { parseOptions, WrongUsage } from "../../../scripts/bench/options.ts";

Deno.test("a million rows and seven pairs, unless it is to be quick", () => {
  const { rows, pairs, only, large } = parseOptions([]);
  assert.deepEqual({ rows, pairs, only, large }, { rows: 1e6, pairs: 7, only: [], large: false });
  const quick = parseOptions(["--quick", "--only", "dry", "--only", "errors"]);
  assert.deepEqual([quick.rows, quick.pairs, quick.only], [100_000, 1, ["dry", "errors"]]);
  assert.equal(parseOptions(["--quick", "--rows", "7"]).rows, 7);
});

Deno.test("what can't be meant is refused", () => {
  for (const args of [["--rows", "0"], ["--pairs", "x"], ["--workers", "1.5"], ["--foo"], ["x"]]) {
    assert.throws(() => parseOptions(args), WrongUsage, args.join(" "));
  }
});
