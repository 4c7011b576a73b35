/** The first place where a text is not JSON. */
export interface JsonError {
  readonly offset: number;
  readonly found: string;
  readonly expected: string;
}

const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy;
/** Text that is not a token, up to where the next token could begin. */
const SCRAP = /\p{L}[\p{L}\p{N}_]*|\/[/*]|./uy;
/** Deeper than any definition, and far below the depth at which the recursion would overflow. */
const MAX_DEPTH = 200;

/**
 * Where and why a text is not JSON, or null if it is. `JSON.parse` knows too, but for the most
 * common mistake, an extra comma, its messages give no position.
 */
export function findJsonError(text: string): JsonError | null {
  let offset = 0;
  let token = "";
  let tokenAt = 0;

  function advance(): void {
    SPACE.lastIndex = offset;
    SPACE.exec(text);
    tokenAt = SPACE.lastIndex;
    TOKEN.lastIndex = tokenAt;
    token = TOKEN.exec(text)?.[0] ?? "";
    offset = tokenAt + token.length;
  }

  function refuse(expected: string): JsonError {
    SCRAP.lastIndex = tokenAt;
    const scrap = token || SCRAP.exec(text)?.[0];
    const found = scrap === undefined
      ? "the end of the file"
      : scrap === '"'
      ? "a string without an end, or with a character that must be escaped"
      : scrap === "//" || scrap === "/*"
      ? "a comment"
      : `\`${scrap.slice(0, 40)}\``;
    return { offset: tokenAt, found, expected };
  }

  function value(expected: string, depth: number): JsonError | null {
    if (token === "{") return members("}", depth);
    if (token === "[") return members("]", depth);
    if (token === "" || "}],:".includes(token)) return refuse(expected);
    advance();
    return null;
  }

  function members(end: "}" | "]", depth: number): JsonError | null {
    if (depth > MAX_DEPTH) return refuse("fewer levels of nesting");
    advance();
    if (token === end) {
      advance();
      return null;
    }
    for (;;) {
      if (end === "}") {
        if (!token.startsWith('"')) return refuse("a key in double quotes");
        advance();
        if (token !== ":") return refuse("a colon");
        advance();
      }
      const error = value("a value", depth + 1);
      if (error !== null) return error;
      if (token === end) {
        advance();
        return null;
      }
      if (token !== ",") return refuse(`a comma or \`${end}\``);
      advance();
    }
  }

  advance();
  const error = value("a value", 0);
  if (error !== null) return error;
  return tokenAt < text.length ? refuse("the end of the file") : null;
}
