/** Checks what goes into other tables: `many` and `nested`. */
import { checkMany } from "./check_many.ts";
import { checkNested } from "./check_nested.ts";
import type { Problems } from "../problem.ts";
import { nestedIn, type ParsedDefinition } from "../schema.ts";

export function checkRelated(
  parsed: ParsedDefinition,
  ownSchema: string,
  problems: Problems,
): void {
  for (const [index, nested] of (nestedIn(parsed) ?? []).entries()) {
    checkNested(["nested", index], nested, ownSchema, problems);
  }
  const { format = "auto" } = parsed.source ?? {};
  if (parsed.nested !== undefined && !["auto", "json", "ndjson"].includes(format)) {
    problems.add(["nested"], {
      found: `nested together with source.format: ${format}`,
      expected: "a source of JSON",
      sentence: `works with JSON and NDJSON only, and source.format is ${format}`,
    });
  }
  for (const [index, many] of (parsed.many ?? []).entries()) {
    checkMany(["many", index], many, ownSchema, problems);
  }
}
