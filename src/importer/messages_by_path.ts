import type { Problem } from "./problem.ts";

/**
 * What is wrong with a definition, by its place in it, as `word` says it; null if the error is not
 * about a definition. Told by what the error has, not by its class: importing that takes time.
 */
export function messagesByPath(
  error: Error,
  word: (problem: Pick<Problem, "file" | "message">) => string = ({ message }) => message,
): Record<string, string[]> | null {
  if (!("problems" in error) || !Array.isArray(error.problems)) return null;
  // A key may be called `constructor`.
  const byPath = new Map<string, string[]>();
  for (const problem of error.problems) {
    if (typeof problem?.message !== "string") continue;
    const path = String(problem.path ?? "");
    const message = word({ file: String(problem.file ?? ""), message: problem.message });
    byPath.set(path, [...byPath.get(path) ?? [], message]);
  }
  return Object.fromEntries(byPath);
}
