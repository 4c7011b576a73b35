import assert from "node:assert/strict";
import { SourceError } from "../../src/source/error.ts";
import { recordFormat, type SourceFormat } from "../../src/source/format.ts";

Deno.test("a run of a newer version, whose format this one doesn't know, says what to do", () => {
  const format: SourceFormat = JSON.parse('{"type": "parquet"}');
  assert.throws(
    () => recordFormat(format, ["id"]),
    (error) =>
      error instanceof SourceError && /"parquet": a newer one .*resume/u.test(error.message),
  );
});
