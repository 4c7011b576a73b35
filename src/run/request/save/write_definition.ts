/** The text of a new definition. */
import { inlineYaml, type Json } from "../../../importer/document/definition_edit.ts";
import { keyText } from "../../../importer/document/splice_document.ts";

/** Keys of a definition, as it writes them. */
export type WrittenDefinition = Readonly<Record<string, Json | undefined>>;

/** Keys that hold others get a line for each of them. */
export function definitionText(written: WrittenDefinition): string {
  const lines = Object.entries(written).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [`${key}: ${inlineYaml(value)}`];
    }
    const inner = Object.entries(value).map(([name, each]) =>
      `  ${keyText(name)}: ${inlineYaml(each)}`
    );
    return inner.length === 0 ? [] : [`${key}:`, ...inner];
  });
  return `${lines.join("\n")}\n`;
}
