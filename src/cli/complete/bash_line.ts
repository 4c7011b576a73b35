/**
 * A command line as bash and readline see it. Bash's own words (COMP_WORDS) are no use: they are
 * split at `=` and `:`, and still have their quotes.
 */

/** The quote that is open at the cursor; empty if none is. */
export type OpenQuote = "" | "'" | '"' | "$'";

export interface BashLine {
  /** The words before the current one, without their quotes. */
  readonly words: readonly string[];
  /** The current word up to the cursor, without its quotes. */
  readonly word: string;
  /** How the current word begins: what readline leaves as it is. It replaces the rest. */
  readonly kept: string;
  readonly quote: OpenQuote;
  /** The current word is a file that output goes to or input comes from. */
  readonly isRedirection: boolean;
}

/** `line`: one command, up to the cursor. `breaks`: COMP_WORDBREAKS. */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  const current: { word: string; kept: string; quote: OpenQuote } = {
    word: "",
    kept: "",
    quote: "",
  };
  let keptBefore = "";
  let isBegun = false;
  let isRedirection = false;

  const end = () => {
    if (isBegun && !isRedirection) words.push(current.word);
    if (isBegun) isRedirection = false;
    current.word = current.kept = "";
    isBegun = false;
  };
  const open = (quote: OpenQuote) => {
    isBegun = true;
    keptBefore = current.kept;
    current.kept = current.word;
    current.quote = quote;
  };

  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    const next = line.at(at + 1) ?? "";
    const { quote } = current;
    if (quote !== "") {
      if (character === quote.at(-1)) {
        current.quote = "";
        current.kept = keptBefore;
      } else if (character === "\\" && isEscaped(next, quote)) {
        current.word += quote === "$'" ? ESCAPES[next] ?? next : next;
        at++;
      } else current.word += character;
    } else if (/\s/u.test(character)) {
      end();
    } else if (/[<>|&;()]/u.test(character)) {
      // `2>` is no word.
      if (/[<>]/u.test(character) && /^\d$/u.test(current.word)) isBegun = false;
      end();
      isRedirection ||= /[<>]/u.test(character);
    } else if (character === "'" || character === '"') {
      open(character);
    } else if (character === "$" && next === "'") {
      open("$'");
      at++;
    } else {
      isBegun = true;
      current.word += character === "\\" ? next : character;
      if (character === "\\") at++;
      else if (breaks.includes(character)) current.kept = current.word;
    }
  }
  return { words, ...current, isRedirection };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function isEscaped(next: string, quote: OpenQuote): boolean {
  if (next === "" || quote === "'") return false;
  return quote === "$'" || /[$`"\\\n]/u.test(next);
}

/** The text as bash would read it behind this quote. */
export function quoteForBash(text: string, quote: OpenQuote): string {
  switch (quote) {
    case "'":
      return text.replaceAll("'", "'\\''");
    case '"':
      return text.replaceAll(/[$`"\\]/gu, "\\$&");
    case "$'":
      return escapeControls(text);
    case "":
      // A backslash before a line end would remove both.
      if (/\p{Cc}/u.test(text)) return `$'${escapeControls(text)}'`;
      return text.replaceAll(/[^\p{L}\p{M}\p{N}_./,+@%^:=-]/gu, "\\$&");
  }
}

function escapeControls(text: string): string {
  return text.replaceAll(/[\\']/gu, "\\$&").replaceAll(
    /\p{Cc}/gu,
    (control) => {
      const known = Object.entries(ESCAPES).find(([, character]) => character === control);
      return `\\${known?.[0] ?? `u${control.codePointAt(0)?.toString(16).padStart(4, "0")}`}`;
    },
  );
}
