/** The parts of a `format`. row/types/date_format.ts reads them; a test compares the two. */
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

/** The first run of one letter that is not a part, such as `YYYY` in `YYYY-MM-dd`. Null if none. */
export function findFormatMistake(format: string): string | null {
  for (const [, letters] of format.matchAll(/'[^']*'|(([A-Za-z])\2*)/gu)) {
    if (letters !== undefined && letters !== "T" && !DATE_PARTS.includes(letters)) return letters;
  }
  return null;
}
