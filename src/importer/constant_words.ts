/** What may stand in a constant (`value`) as `${…}`, and how that is written. */

/** The same in all rows of a run. */
export const RUN_WORDS = [
  "run.id",
  "run.user",
  "run.importer",
  "run.started_at",
  "run.date",
] as const;

export type RunWord = (typeof RUN_WORDS)[number];

/**
 * Of each row. `file.sheet` is only known of workbooks. A file's name may say more, and then that counts:
 * its parts are named by `source.file_name`.
 */
export const ROW_WORDS = [
  "row.number",
  "file.name",
  "file.number",
  "file.row",
  "file.sheet",
] as const;

/** A text without `${…}`, or the name of a word. */
export type ConstantPart = { readonly text: string } | { readonly word: string };

/** `$${` stands for `${` itself. */
const WORD = /\$\$\{|\$\{([^}]*)\}/gu;

export function partsOfConstant(value: string): readonly ConstantPart[] {
  const parts: ConstantPart[] = [];
  let text = "";
  let at = 0;
  for (const match of value.matchAll(WORD)) {
    const [whole, word] = match as unknown as readonly [string, string | undefined];
    text += value.slice(at, match.index);
    at = match.index + whole.length;
    if (word === undefined) text += "${";
    else {
      if (text !== "") parts.push({ text });
      parts.push({ word });
      text = "";
    }
  }
  text += value.slice(at);
  if (text !== "" || parts.length === 0) parts.push({ text });
  return parts;
}

export function wordsIn(value: string): readonly string[] {
  return partsOfConstant(value).flatMap((part) => "word" in part ? [part.word] : []);
}

/** It begins a word that doesn't end. */
export function hasOpenWord(value: string): boolean {
  return value.replaceAll(WORD, "").includes("${");
}

export function isRunWord(word: string): word is RunWord {
  return RUN_WORDS.some((known) => known === word);
}
