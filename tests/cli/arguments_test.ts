import assert from "node:assert/strict";
import { parseCount, parseDuration, parseNames, parseRunId } from "../../src/cli/arguments.ts";

Deno.test("a run's number must be a positive integer", () => {
  assert.equal(parseRunId("12"), 12);
  for (const text of ["", "0", "-1", "1.0", "1e3", " 1", "0x10", "９", "9007199254740993"]) {
    assert.throws(() => parseRunId(text), /Expected the number of a run/, text);
  }
});

Deno.test("durations have units, or are seconds", () => {
  for (
    const [text, milliseconds] of [
      ["500ms", 500],
      ["30s", 30_000],
      ["30", 30_000],
      ["1.5m", 90_000],
      ["2h", 7_200_000],
      ["0", 0],
    ] as const
  ) assert.equal(parseDuration(text), milliseconds);
  for (const text of ["", "s", "-1s", "1 s", "1d", "1e3", "25d", "999999h", "NaN"]) {
    assert.throws(() => parseDuration(text), /Expected a duration/, text);
  }
});

Deno.test("counts stay in their range", () => {
  assert.equal(parseCount(1, 64)("64"), 64);
  for (const text of ["0", "65", "-1", "1.5", "", "1e1", "٣"]) {
    assert.throws(() => parseCount(1, 64)(text), /from 1 to 64/, text);
  }
});

Deno.test("names are separated by commas, and options can be repeated", () => {
  assert.deepEqual(parseNames("email, country"), ["email", "country"]);
  assert.deepEqual(parseNames("b", ["a"]), ["a", "b"]);
  assert.deepEqual(parseNames('"Name, first", "the ""id""",c'), ["Name, first", 'the "id"', "c"]);
  assert.deepEqual(parseNames('5" nails, "a" b'), ['5" nails', '"a" b']);
  for (const text of ["", ",", "a,,b", "a,"]) {
    assert.throws(() => parseNames(text), /Expected names/, text);
  }
});
