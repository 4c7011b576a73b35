/** Checks whether the parts of a condition fit together. */
import { checkPattern } from "../check/check_pattern.ts";
import { isMapping } from "../issues.ts";
import type { Path, Problems } from "../problem.ts";
import { A_CONDITION, type ParsedCondition } from "./schema.ts";

const TESTS = ["equals", "one_of", "not", "matches", "empty", "present"] as const;
const GROUPS = ["all", "any", "none"] as const;

/** `raw`: as written, with what made no sense and was reported. */
export function checkCondition(
  path: Path,
  raw: unknown,
  parsed: ParsedCondition,
  problems: Problems,
): void {
  // If a part of it made no sense, it is no news that the rest is not enough.
  const isWhole = !isMapping(raw) || Object.keys(raw).length === Object.keys(parsed).length;
  checkOne(path, parsed, isWhole, problems);
}

function checkOne(
  path: Path,
  parsed: ParsedCondition,
  isWhole: boolean,
  problems: Problems,
): void {
  const said = [...GROUPS, ...TESTS].filter((key) => parsed[key] !== undefined);
  if (said.length > 1) {
    problems.add(path, {
      found: said.map((key) => `\`${key}\``).join(" and "),
      expected: "one of them",
      sentence: `a condition compares one thing, and this one has ${
        said.map((key) => `\`${key}\``).join(" and ")
      }: combine several with \`all\` or \`any\``,
    });
    return;
  }
  const group = GROUPS.find((key) => parsed[key] !== undefined);
  if (group !== undefined) return checkGroup(path, parsed, group, problems);
  if (!isWhole) return;
  if (parsed.column === undefined) {
    problems.missing([...path, "column"], "the source column that is compared");
  }
  for (const name of [parsed.column ?? []].flat()) {
    if (name === "") problems.wrong([...path, "column"], name, "a source column's name");
  }
  if (said.length === 0) {
    problems.add(path, {
      found: "nothing that it is compared with",
      expected: A_CONDITION,
      sentence: `doesn't say what the column has to be: add one of ${TESTS.join(", ")}`,
    });
    return;
  }
  checkTest(path, parsed, problems);
}

function checkGroup(
  path: Path,
  parsed: ParsedCondition,
  group: (typeof GROUPS)[number],
  problems: Problems,
): void {
  for (const key of ["column", "ignore_case"] as const) {
    if (parsed[key] === undefined) continue;
    problems.add([...path, key], {
      found: `\`${key}\` beside \`${group}\``,
      expected: `\`${key}\` in each condition of \`${group}\``,
      sentence: `belongs into each condition of \`${group}\``,
    });
  }
  for (const [index, each] of (parsed[group] ?? []).entries()) {
    checkOne([...path, group, index], each, true, problems);
  }
}

function checkTest(path: Path, parsed: ParsedCondition, problems: Problems): void {
  const texts = [parsed.equals ?? [], parsed.one_of ?? [], parsed.not ?? []].flat();
  if (texts.some((text) => String(text).trim() === "")) {
    const key = TESTS.find((key) => parsed[key] !== undefined) ?? "equals";
    const instead = key === "not" ? "present: true" : "empty: true";
    problems.add([...path, key], {
      found: "an empty text",
      expected: instead,
      sentence: `a cell without a text has no value; say ${instead}`,
    });
  }
  if (texts.some((text) => String(text) !== String(text).trim())) {
    problems.add(path, {
      found: "a text with blanks around it",
      expected: "the text without them",
      sentence: "has a text with blanks around it, and the file's values are compared without: " +
        "leave them out",
    });
  }
  if (parsed.matches !== undefined) checkPattern([...path, "matches"], parsed.matches, problems);
  if (parsed.ignore_case !== undefined && texts.length === 0) {
    problems.add([...path, "ignore_case"], {
      found: "ignore_case without texts",
      expected: "equals, one_of or not beside it",
      sentence: "is for `equals`, `one_of` and `not`",
    });
  }
}
