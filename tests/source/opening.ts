/** What tests need that open files. */
import { parseDefinition } from "../../src/importer/parse.ts";
import type { SourceRule } from "../../src/importer/source_rule.ts";

/** `yaml`: what a definition says of its source. */
export function sourceRule(yaml: string): SourceRule {
  const parsed = parseDefinition(`table: t\nsource: ${yaml}\n`, "t.yaml");
  if ("problems" in parsed) throw new Error(parsed.problems.map((p) => p.message).join("\n"));
  return parsed.definition.source;
}

export interface Folder extends AsyncDisposable {
  readonly path: string;
}

export async function folder(): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "ingest-source-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
