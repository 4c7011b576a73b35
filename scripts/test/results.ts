/** Reads the JUnit reports of `deno test`. Each step counts as a test. */

export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly TestFailure[];
}

export interface TestFailure {
  /** `file: name` */
  readonly test: string;
  /** What it failed with, in lines, of which the first are enough to tell one cause from another. */
  readonly reason: readonly string[];
}

/** A whole output of the program fits in, with the comparison it failed. */
const REASON_LINES = 40;

export function readResults(report: string): TestResults {
  const tests = (report.match(/<testcase /g) ?? []).length;
  const failures = [
    ...report.matchAll(
      /<testcase name="([^"]*)" classname="(?:\.\/)?([^"]*)"[^>]*>\s*<(failure|error)(?: [^>]*)?>([^<]*)<\/\3>/g,
    ),
  ].map(([, name, file, , reason]) => ({
    test: `${file}: ${unescape(name)}`,
    reason: unescape(reason).split("\n").slice(0, REASON_LINES),
  }));
  const failed = (report.match(/<failure[ >]/g) ?? []).length +
    (report.match(/<error[ >]/g) ?? []).length;
  const skipped = (report.match(/<skipped\s*\/>/g) ?? []).length;
  return { passed: tests - failed - skipped, failed, failures };
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ "&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"', "&apos;": "'" },
};

function unescape(text: string): string {
  return text.replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity);
}
