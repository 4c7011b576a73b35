/** A CHECK's condition in words for the owner of a file, as far as it is a simple one. */

/** `((status = ANY (ARRAY['new'::text, 'paid'::text])))` → `status is one of new, paid`. */
export function checkWords(expression: string): string {
  const tokens = withoutParentheses(withoutCasts(tokensOf(expression)));
  const parts = splitAt(tokens, "AND").map(partWords);
  return parts.every((part) => part !== null) ? parts.join(" and ") : joined(tokens);
}

const TOKEN =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*|\d+(?:\.\d+)?|::|[<>=!~*+\-/%|&^#@?]+|\s+|[^]/giu;

function tokensOf(expression: string): string[] {
  return (expression.match(TOKEN) ?? []).filter((token) => token.trim() !== "");
}

/** Types of more than one word. */
const LONG_TYPES = /^(?:character varying|double precision|bit varying)/u;
const TIME = /^(?:time|timestamp)$/u;

function withoutCasts(tokens: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at] !== "::") {
      kept.push(tokens[at]);
      continue;
    }
    at++;
    if (tokens[at + 1] === ".") at += 2;
    if (LONG_TYPES.test(`${tokens[at]} ${tokens[at + 1]}`)) at++;
    const isTime = TIME.test(tokens[at]);
    if (tokens[at + 1] === "(") at = tokens.indexOf(")", at);
    if (isTime && /^with(?:out)?$/u.test(tokens[at + 1] ?? "")) at += 3;
    while (tokens[at + 1] === "[" && tokens[at + 2] === "]") at += 2;
  }
  return kept;
}

/** Removes those around one token, unless it is a function's argument, and those around all. */
function withoutParentheses(tokens: readonly string[]): readonly string[] {
  let now = tokens;
  for (;;) {
    const at = now.findIndex((token, i) => {
      if (token !== "(") return false;
      const end = closing(now, i);
      if (end < 0 || isWord(now[i - 1])) return false;
      return end === i + 2 || (i === 0 && end === now.length - 1) || isCondition(now, i, end);
    });
    if (at < 0) return now;
    const end = closing(now, at);
    now = [...now.slice(0, at), ...now.slice(at + 1, end), ...now.slice(end + 1)];
  }
}

/** Is it one of several conditions that all have to hold, and itself has no OR? */
function isCondition(tokens: readonly string[], start: number, end: number): boolean {
  const inner = tokens.slice(start + 1, end);
  const beside = (token: string | undefined) => token === undefined || /^[()]$|^AND$/u.test(token);
  return !tokens.includes("OR") && !tokens.includes("NOT") && !tokens.includes("CASE") &&
    beside(tokens[start - 1]) && beside(tokens[end + 1]) &&
    inner.some((token) => COMPARISONS.has(token) || token === "AND");
}

function closing(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at] === "(") depth++;
    if (tokens[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

const KEYWORDS = ["AND", "OR", "NOT", "IN", "IS", "LIKE", "BETWEEN", "WHEN", "THEN", "ELSE"];

function isWord(token: string | undefined): boolean {
  return token !== undefined && /^[\p{L}_"]/u.test(token) && !KEYWORDS.includes(token);
}

/** On the outermost level. */
function splitAt(tokens: readonly string[], word: string): (readonly string[])[] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token === "(") depth++;
    if (token === ")") depth--;
    if (depth === 0 && token === word) parts.push([]);
    else parts[parts.length - 1].push(token);
  }
  return parts;
}

const COMPARISONS: ReadonlyMap<string, string> = new Map([
  [">=", "is at least"],
  ["<=", "is at most"],
  [">", "is more than"],
  ["<", "is less than"],
  ["=", "is"],
  ["<>", "is not"],
]);

/** `balance >= 0`, `status = ANY (ARRAY['a', 'b'])`, `name IS NOT NULL`; null for others. */
function partWords(tokens: readonly string[]): string | null {
  const [left, operator, ...right] = tokens;
  if (!isWord(left)) return null;
  const name = plain(left);
  if (operator === "IS") return right.join(" ") === "NOT NULL" ? `${name} is not empty` : null;
  const words = COMPARISONS.get(operator);
  if (words === undefined) return null;
  if (operator === "=" && right[0] === "ANY") {
    const list = right.filter((token) => /^['\d]/u.test(token));
    const isList = right.every((token) => /^(?:ANY|ARRAY|[()[\],]|['\d].*)$/su.test(token));
    return isList ? `${name} is one of ${list.map(plain).join(", ")}` : null;
  }
  const [value, ...rest] = right[0] === "-" ? [`-${right[1]}`, ...right.slice(2)] : right;
  return rest.length === 0 && value !== undefined ? `${name} ${words} ${plain(value)}` : null;
}

/** Without quotes. */
function plain(token: string): string {
  const quote = token[0];
  return quote === "'" || quote === '"'
    ? token.slice(1, -1).replaceAll(quote + quote, quote)
    : token;
}

function joined(tokens: readonly string[]): string {
  return tokens.map((token, at) => {
    const shown = OPERATORS.get(token) ?? token;
    return needsBlank(tokens[at - 1], token) ? ` ${shown}` : shown;
  }).join("");
}

/** Operators that Postgres stores by another name than people write. */
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["~~", "LIKE"],
  ["!~~", "NOT LIKE"],
  ["~~*", "ILIKE"],
  ["!~~*", "NOT ILIKE"],
]);

function needsBlank(before: string | undefined, token: string): boolean {
  if (before === undefined || /^[([.]$/u.test(before) || /^[)\],.]$/u.test(token)) return false;
  return !(/^[([]$/u.test(token) && isWord(before));
}
