/** The messages for defects of records. They contain no values, so that they group. */

import type { Defect } from "./record.ts";

/** `encoding`: the file's. */
export function invalidBytes(encoding = "UTF-8"): Defect {
  return { code: "encoding", message: `The row holds bytes that are not valid ${encoding}.` };
}

export const NUL_BYTE: Defect = {
  code: "encoding",
  message: "The row holds a NUL byte, which Postgres cannot store as text.",
};

/** Not within quotes, where it would be data. */
export function lineBreak(kind: "CR" | "LF"): Defect {
  const usual = kind === "CR" ? "LF" : "CR";
  return {
    code: "malformed",
    message: `The row has a line break outside quotes: ${kind}, where rows end with ${usual}.`,
  };
}

export function ragged(found: number, expected: number): Defect {
  const fields = found === 1 ? "1 field" : `${found} fields`;
  return { code: "malformed", message: `The row has ${fields} where the header has ${expected}.` };
}

export function tooLong(maxRecordBytes: number): Defect {
  const megabytes = maxRecordBytes / (1024 * 1024);
  return { code: "malformed", message: `The row is longer than ${megabytes} MB.` };
}

/** `openedOn`: the quote's line, if it is not the line that the row is reported on. */
export function brokenQuote(textAfter: boolean, openedOn: number | null): Defect {
  const opens = openedOn === null ? "" : ` that opens on line ${openedOn}`;
  return {
    code: "malformed",
    message: textAfter
      ? `A quoted field${opens} has text after its closing quote.`
      : `A quote${opens} is not closed.`,
  };
}
