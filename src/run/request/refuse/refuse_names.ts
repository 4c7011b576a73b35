import type { Definition } from "../../../importer/definition.ts";
import { wordsIn } from "../../../importer/constant_words.ts";
import { namesInTemplate, readFileName } from "../../../importer/file_name.ts";
import { SourceError } from "../../../source/error.ts";

/** How many a message names. */
const NAMED = 5;

/** A run knows one sheet, and each of several workbooks may have another. Throws SourceError. */
function refuseSheets(
  columns: Definition["columns"],
  template: string | null,
  names: readonly string[],
): void {
  if (names.length < 2 || namesInTemplate(template ?? "").includes("sheet")) return;
  const target = Object.entries(columns ?? {}).find(([, { value }]) =>
    value !== null && wordsIn(value).includes("file.sheet")
  );
  if (target === undefined) return;
  throw new SourceError(
    `Cannot import ${names.length} files in one run: the definition fills ${target[0]} with ` +
      "${file.sheet}, and their sheets may differ. Import them one after the other.",
  );
}

/** Throws SourceError for files that aren't called as the definition says. */
export function refuseNames(
  { source, columns }: Pick<Definition, "source" | "columns">,
  names: readonly string[],
): void {
  const { file_name: template = null } = source;
  refuseSheets(columns, template, names);
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
