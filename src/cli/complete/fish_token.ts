/** A word as somebody types it in fish, perhaps with an open quote, without its quotes. */
export function readFishToken(raw: string): string {
  let word = "";
  let quote = "";
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at];
    const next = raw.at(at + 1) ?? "";
    if (character === "\\" && next !== "" && isEscaped(next, quote)) {
      word += quote === "" && Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : next;
      at++;
    } else if (quote === "" && (character === "'" || character === '"')) quote = character;
    else if (quote !== "" && character === quote) quote = "";
    else word += character;
  }
  return word;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };

function isEscaped(next: string, quote: string): boolean {
  return quote === "" || next === quote || next === "\\" || (quote === '"' && next === "$");
}
