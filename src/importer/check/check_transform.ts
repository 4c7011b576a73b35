/** Checks one transform of a column. */
import type { ParsedColumn, ParsedTransform } from "../schema.ts";
import type { Path, Problems } from "../problem.ts";
import { checkPattern } from "./check_pattern.ts";

export function checkTransform(
  path: Path,
  transform: ParsedTransform,
  column: ParsedColumn,
  problems: Problems,
): void {
  if (typeof transform === "string") return;
  const keys = Object.keys(transform);
  if (keys.length !== 1) {
    problems.add(path, {
      found: keys.length === 0 ? "an empty mapping" : `${keys.length} transforms in one mapping`,
      expected: "a mapping with one key, such as {prefix: x}",
    });
  }
  if (transform.replace !== undefined) {
    checkPattern([...path, "replace", "pattern"], transform.replace.pattern, problems);
  }
  if (transform.split?.by === "") {
    problems.wrong([...path, "split", "by"], "", "the text to split at");
  }
  if (transform.concat !== undefined) {
    checkConcatTransform([...path, "concat"], column, problems);
  }
}

function checkConcatTransform(path: Path, column: ParsedColumn, problems: Problems): void {
  const concats = (column.transform ?? []).filter((transform) =>
    typeof transform === "object" && transform.concat !== undefined
  );
  const sources = [column.from ?? []].flat().length;
  if (column.concat !== undefined || concats.length > 1) {
    problems.add(path, {
      found: "concat twice",
      expected: "one concat",
      sentence: "the column has another `concat`; one is enough to join its sources",
    });
  } else if (sources < 2) {
    tooFewSources(path, sources, problems);
  }
}

/** `path`: of what joins the sources. */
export function tooFewSources(path: Path, sources: number, problems: Problems): void {
  problems.add(path, {
    found: `${sources} source columns`,
    expected: "at least 2",
    sentence: "needs at least two source columns in `from`",
  });
}
