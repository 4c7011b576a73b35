import assert from "node:assert/strict";
import { parseOptions, WrongUsage } from "../../../scripts/bench/options.ts";

Deno.test("the default is a million rows and seven pairs, unless --quick is given", () => {
  const { rows, pairs, only, large } = parseOptions([]);
  assert.deepEqual({ rows, pairs, only, large }, { rows: 1e6, pairs: 7, only: [], large: false });
  const quick = parseOptions(["--quick", "--only", "dry", "--only", "errors"]);
  assert.deepEqual([quick.rows, quick.pairs, quick.only], [100_000, 1, ["dry", "errors"]]);
  assert.equal(parseOptions(["--quick", "--rows", "7"]).rows, 7);
});

Deno.test("invalid options are refused", () => {
  for (const args of [["--rows", "0"], ["--pairs", "x"], ["--workers", "1.5"], ["--foo"], ["x"]]) {
    assert.throws(() => parseOptions(args), WrongUsage, args.join(" "));
  }
});
