/** Counts what a JUnit report of `deno test` says. Steps count as tests of their own. */

export interface TestResults {
  readonly passed: number;
  readonly failed: number;
}

export function countResults(report: string): TestResults {
  const tests = (report.match(/<testcase /g) ?? []).length;
  const failed = (report.match(/<failure[ >]/g) ?? []).length +
    (report.match(/<error[ >]/g) ?? []).length;
  const skipped = (report.match(/<skipped\s*\/>/g) ?? []).length;
  return { passed: tests - failed - skipped, failed };
}
