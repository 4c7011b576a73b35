/** From the text of a definition to the definition. */
import { readDocument } from "./document/document.ts";
import { slugOfFile } from "./slug.ts";
import { type ParseOptions, type ParseResult, validateDefinition } from "./validate.ts";

/**
 * Parses the text of a `.yaml`, `.yml` or `.json` definition. `file` is named in problems and gives
 * the slug. Never throws, whatever the text contains.
 */
export function parseDefinition(
  text: string,
  file: string,
  options: ParseOptions = {},
): ParseResult {
  return validateDefinition(readDocument(text, file), slugOfFile(file), options);
}
