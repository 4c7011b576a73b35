import { describe, type Path, type Problems } from "../problem.ts";

/** Checks that a text is a regular expression. */
export function checkPattern(path: Path, pattern: string, problems: Problems): void {
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Such as "Invalid regular expression: /[/u: Unterminated character class".
    const reason = error.message.slice(error.message.lastIndexOf(": ") + 2);
    problems.add(path, {
      found: describe(pattern),
      expected: "a regular expression",
      sentence: `${describe(pattern)} is not a valid regular expression: ${reason}`,
    });
  }
}
