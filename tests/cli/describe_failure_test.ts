import assert from "node:assert/strict";
import { UsageError } from "../../src/config/usage_error.ts";
import { DatabaseUnreachable, SessionLost } from "../../src/db/connection_errors.ts";
import { SchemaMismatch } from "../../src/db/migrate.ts";
import { EmbeddedPostgresFailed } from "../../src/db/embedded.ts";
import { toFailure } from "../../src/cli/describe_failure.ts";
import { exitCodeOf } from "../../src/cli/exit_codes.ts";
import { FINISHED } from "./finished_run.ts";
import { NoRunYet, WaitTimeout } from "../../src/cli/command_errors.ts";
import { Refused } from "../../src/run/request/refuse/refused.ts";
import { DefinitionError, UnknownImporter } from "../../src/importer/definition_errors.ts";
import { toProblem } from "../../src/importer/problem.ts";
import { TargetError } from "../../src/load/catalog/introspect.ts";
import { NoSuchRun } from "../../src/ledger/runs/runs.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../src/row/mismatch.ts";
import { SourceError } from "../../src/source/error.ts";
import { UnpacksTooLarge } from "../../src/source/unpack/limits.ts";

/** The classes themselves, so that renaming one breaks this and not the exit code. */
const TABLE: readonly (readonly [Error, number, string])[] = [
  [new UsageError("m"), 2, "usage"],
  [new UnknownImporter("a", "importers", ["b"]), 5, "unknown_importer"],
  [new NoSuchRun(12), 5, "no_such_run"],
  [new NoRunYet(), 5, "no_such_run"],
  [new DatabaseUnreachable("m", { temporary: true }), 6, "database_unreachable"],
  [new SessionLost("m"), 6, "database_lost"],
  [new EmbeddedPostgresFailed("m"), 6, "database_unreachable"],
  [new Refused("m"), 1, "conflict"],
  [new WaitTimeout("m"), 1, "timeout"],
  [new SourceError("m"), 1, "source"],
  [new UnpacksTooLarge("m", 1), 1, "too_large"],
  [new HeaderMismatch("m"), 1, "header"],
  [new DefinitionMismatch("m"), 1, "definition"],
  [new TargetError("m"), 1, "target"],
  [new SchemaMismatch("m"), 1, "schema"],
  [new DefinitionError([]), 1, "definition"],
  [new TypeError("m"), 1, "internal"],
];

for (const [error, exit, code] of TABLE) {
  Deno.test(`${error.name} exits with ${exit}, as ${code}`, () => {
    const failure = toFailure(error);
    assert.equal(failure.exit, exit);
    assert.equal(failure.code, code);
  });
}

Deno.test("all problems of a definition are listed, by path", () => {
  const problem = (path: string) => toProblem("c.yaml", 3, [path], { found: "x", expected: "y" });
  const failure = toFailure(new DefinitionError([problem("table"), problem("key")]));
  assert.equal(failure.message.split("\n").length, 2);
  assert.deepEqual(Object.keys(failure.errors ?? {}), ["table", "key"]);
});

Deno.test("an unforeseen error is one line that says where to look", () => {
  const { message } = toFailure(new RangeError("a\nb\x1b[31m"));
  assert.match(message, /^An error in ingest itself: a b.*--verbose shows where\.$/);
});

Deno.test("run, resume and wait exit as the run ended", () => {
  const codes = (["completed", "completed_with_errors", "failed", "cancelled"] as const)
    .map((status) => ({ ...FINISHED, status }))
    .map((report) => [exitCodeOf(report, false), exitCodeOf(report, true)]);
  assert.deepEqual(codes, [[0, 0], [3, 0], [1, 1], [4, 4]]);
  // Retries have fixed the failed rows, or they are waived.
  const progress = { ...FINISHED.progress, unresolved: 0 };
  assert.equal(exitCodeOf({ ...FINISHED, status: "completed_with_errors", progress }, false), 0);
});
