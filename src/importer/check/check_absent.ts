/** Checks whether `on_absent` fits to the rest of its definition. */
import { MAX_ABSENT } from "../absent_schema.ts";
import type { Definition } from "../definition.ts";
import { readGate, setsAside } from "../gates.ts";
import { keyTarget } from "../key.ts";
import { describe, type Problems } from "../problem.ts";
import { readMaxErrors } from "../read_options.ts";
import type { ParsedDefinition } from "../schema.ts";

/** `definition`: the same as `parsed`, completed. */
export function checkAbsent(
  parsed: ParsedDefinition,
  definition: Definition,
  problems: Problems,
): void {
  const { on_absent: onAbsent, scope, options = {} } = parsed;
  const { max_absent: most, absent_despite_failures: despite } = options;
  const gate = definition.options.hold_if?.find((text) => readGate(text)?.measure === "absent");
  if (most !== undefined && readMaxErrors(most) === null) {
    problems.wrong(["options", "max_absent"], most, MAX_ABSENT);
  }
  if (onAbsent === undefined || onAbsent === "keep") {
    const beside = "on_absent: delete or {mark: …} beside it";
    if (scope !== undefined) problems.wrong(["scope"], scope, beside);
    if (most !== undefined) problems.wrong(["options", "max_absent"], most, beside);
    if (despite) problems.wrong(["options", "absent_despite_failures"], despite, beside);
    if (gate !== undefined) problems.wrong(["options", "hold_if"], gate, beside);
    return;
  }
  const refuse = (found: string, expected: string, sentence: string) =>
    problems.add(["on_absent"], { found, expected, sentence });
  const { key, on_duplicate, on_missing, columns } = definition;
  const isOfKey = (column: string) =>
    key.some((entry) => entry === column || keyTarget(entry, columns ?? {}) === column);
  if (key.length === 0) {
    refuse(
      "on_absent without a key",
      "a key",
      "needs a key, by which rows of the table are found in the file: key: [column]",
    );
  }
  // In batches, rows would be in the table before it is known what the rest of the file has.
  if (options.transaction !== "run") {
    refuse(
      "on_absent without options.transaction: run",
      "options.transaction: run",
      "needs options: {transaction: run}: what the file doesn't have is known when all of it was read",
    );
  }
  // Then the run fails with its first failed row.
  if (despite && options.transaction === "run" && !setsAside(definition.options)) {
    const aside =
      'hold_if: ["failed > 2%"] or release: manual beside it, so that failed rows are set aside';
    problems.wrong(["options", "absent_despite_failures"], despite, aside);
  }
  if (key.length > 0 && on_duplicate === "fail") {
    refuse(
      "on_duplicate: fail",
      "on_duplicate: update or skip",
      "can't be combined with on_duplicate: fail: every row that is in the table and in the file " +
        "would fail",
    );
  }
  if (onAbsent === "delete" && on_missing !== "insert") {
    refuse(
      `on_missing: ${on_missing}`,
      "on_missing: insert",
      `delete can't be combined with on_missing: ${on_missing}: the table could only lose rows`,
    );
  }
  if (definition.source.when !== undefined) {
    refuse(
      "on_absent beside source.when",
      "one of them",
      "can't be combined with source.when: rows that it leaves out are in the file, and would count " +
        "as absent. Say which rows of the table count (scope) instead",
    );
  }
  for (const [column, values] of Object.entries(definition.on_absent?.scope ?? {})) {
    if (column === "") problems.wrong(["scope"], "", "a column of the table");
    if (values.length === 0) problems.wrong(["scope", column], [], "a value or a list of values");
  }
  if (scope !== undefined && Object.keys(scope).length === 0) {
    problems.wrong(["scope"], scope, "a column; without `scope`, all rows of the table count");
  }
  const mark = definition.on_absent?.mark ?? null;
  if (mark === null) return;
  if (mark.column === "") {
    problems.wrong(["on_absent", "mark", "column"], "", "a column of the table");
  } else if (isOfKey(mark.column)) {
    problems.add(["on_absent", "mark", "column"], {
      found: describe(mark.column),
      expected: "a column that is not in the key",
      sentence: `${describe(mark.column)} is in the key, by which the row is found`,
    });
  }
}
