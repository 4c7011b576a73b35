import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";

/** The problems' messages, without the file's name: `line: path: sentence`. */
export function problemsOf(text: string, file = "importers/customers.yaml"): readonly string[] {
  const result = parseDefinition(text, file);
  assert.ok("problems" in result, `accepted: ${text}`);
  return result.problems.map((problem) => {
    assert.equal(problem.file, file);
    assert.ok(!problem.message.includes("\n"), `one line: ${problem.message}`);
    assert.ok(problem.message.startsWith(`${file}:${problem.line}: `), problem.message);
    return problem.message.slice(file.length + 1);
  });
}
