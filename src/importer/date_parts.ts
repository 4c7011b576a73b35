/** The parts of a `format`. What they read is row/types/date_format.ts's; a test compares them. */
export const DATE_PARTS: readonly string[] = [
  "yyyy",
  "yy",
  "MM",
  "M",
  "dd",
  "d",
  "HH",
  "H",
  "hh",
  "h",
  "mm",
  "ss",
  "SSS",
  "a",
  "Z",
];

/** The first run of one letter that is not a part: `YYYY` of `YYYY-MM-dd`. Null: there is none. */
export function findFormatMistake(format: string): string | null {
  for (const [, letters] of format.matchAll(/'[^']*'|(([A-Za-z])\2*)/gu)) {
    if (letters !== undefined && letters !== "T" && !DATE_PARTS.includes(letters)) return letters;
  }
  return null;
}
