/** How a file was read, as a definition says it. */
import type { SourceOverrides } from "../../importer/override_source.ts";
import { isDelimited, namesNulls } from "../../source/format.ts";
import type { ResolvedSource } from "../../source/resolved_source.ts";
import type { DraftSetting } from "./draft.ts";
import { quoted, rows } from "./evidence.ts";
import type { FileFacts } from "./file_facts.ts";

/** A text that stands for NULL, and in which columns of the table it was found how often. */
export interface FoundNull {
  readonly word: string;
  readonly column: string;
  readonly count: number;
}

/** `given`: what the options of the command said. */
export function draftSource(
  { source }: FileFacts,
  given: SourceOverrides,
  nulls: readonly FoundNull[],
): readonly DraftSetting[] {
  const words = [...new Set(nulls.map(({ word }) => word))];
  const found: DraftSetting[] = [...detected(source, given)];
  if (words.length > 0) {
    // JSON and COPY say themselves what is NULL, so there an empty text is a text.
    const all = namesNulls(source.format) ? words : ["", ...words];
    found.push({ key: "null_values", value: all, comment: describeNulls(nulls) });
  }
  return found;
}

function detected(
  { format, encoding }: ResolvedSource,
  given: SourceOverrides,
): readonly DraftSetting[] {
  const settings: DraftSetting[] = [];
  const add = (key: string, value: string, comment: string | null = null) =>
    settings.push({ key, value, comment });
  if (isDelimited(format) && format.type === "csv") {
    const { delimiter, quote, escape } = format;
    if (delimiter !== ",") add("delimiter", delimiter === "\t" ? "tab" : delimiter);
    if (quote === null) add("quote", "none");
    else if (quote !== undefined && quote !== '"') add("quote", quote);
    if (escape !== undefined) add("escape", escape);
  }
  if (encoding !== "utf-8") {
    add("encoding", encoding, given.encoding === undefined ? "guessed" : null);
  }
  const known = new Set(settings.map(({ key }) => key));
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || known.has(key)) continue;
    settings.push({ key, value, comment: null });
  }
  return settings;
}

const MOST_NAMED = 3;

function describeNulls(nulls: readonly FoundNull[]): string {
  const named = nulls.slice(0, MOST_NAMED)
    .map(({ word, column, count }) => `${quoted(word)} in ${rows(count)} of ${quoted(column)}`);
  const more = nulls.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}
