/** Whether a text of SQL is a single statement: a second one could end the transaction. */

/** Quoted texts, names and bodies, comments: what is in them is no end of a statement. */
const QUOTED = [
  /^'(?:[^']|'')*'/u,
  /^"(?:[^"]|"")*"/u,
  /^--[^\n]*/u,
  /^\$(\w*)\$[\s\S]*?\$\1\$/u,
];
/** Backslashes mean something in it. */
const ESCAPED = /^[eE]'(?:[^'\\]|\\[\s\S]|'')*'/u;

export function isOneStatement(text: string): boolean {
  for (let rest = text.trim(); rest !== "";) {
    if (rest.startsWith("/*")) {
      rest = afterComment(rest);
      continue;
    }
    if (rest[0] === ";") return isBlank(rest.slice(1));
    const quoted = [ESCAPED, ...QUOTED].map((form) => form.exec(rest)?.[0]).find(Boolean);
    // A word, as a whole: what begins in the middle of it is no quote.
    const word = /^\w[\w$]*/u.exec(rest)?.[0];
    rest = rest.slice((quoted ?? word ?? rest[0]).length);
  }
  return true;
}

function isBlank(text: string): boolean {
  let rest = text.trim();
  for (;;) {
    if (rest.startsWith("--")) rest = rest.replace(/^--[^\n]*/u, "").trim();
    else if (rest.startsWith("/*")) rest = afterComment(rest).trim();
    else return rest === "";
  }
}

/** Comments of this kind nest. */
function afterComment(text: string): string {
  let depth = 0;
  for (const { 0: sign, index } of text.matchAll(/\/\*|\*\//gu)) {
    depth += sign === "/*" ? 1 : -1;
    if (depth === 0) return text.slice(index + 2);
  }
  return "";
}
