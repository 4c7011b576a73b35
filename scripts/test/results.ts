/** Reads the JUnit reports of `deno test`. Each step counts as a test. */

export interface TestResults {
  readonly passed: number;
  readonly failed: number;
  /** `file: name` of each test that failed. */
  readonly failures: readonly string[];
}

export function readResults(report: string): TestResults {
  const tests = (report.match(/<testcase /g) ?? []).length;
  const failures = [
    ...report.matchAll(
      /<testcase name="([^"]*)" classname="(?:\.\/)?([^"]*)"[^>]*>\s*<(?:failure|error)[ >]/g,
    ),
  ].map(([, name, file]) => `${file}: ${unescape(name)}`);
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
