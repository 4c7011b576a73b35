import type { Definition } from "../../importer/definition.ts";
import { readFileName } from "../../importer/file_name.ts";
import { SourceError } from "../../source/error.ts";

/** How many a message names. */
const NAMED = 5;

/** Throws SourceError for files that aren't called as the definition says. */
export function refuseNames(
  { source }: Pick<Definition, "source">,
  names: readonly string[],
): void {
  const { file_name: template = null } = source;
  const others = names.filter((name) => readFileName(template, name) === null);
  if (others.length === 0) return;
  const more = others.length > NAMED ? ` and ${others.length - NAMED} more files` : "";
  throw new SourceError(
    `Cannot import ${
      others.slice(0, NAMED).join(", ")
    }${more}: the definition's source.file_name ` +
      `expects names such as ${template}. Rename the file, or change the definition.`,
  );
}
