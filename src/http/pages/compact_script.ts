/** The pages' scripts without what is only for whoever reads their source: half of it. */

/** Whatever belongs together, as `deno fmt` writes it. A division has blanks around it, a pattern begins with none. */
const TOKEN = new RegExp(
  [
    /(?<blank>(?:\s|\/\/.*|\/\*[^]*?\*\/)+)/u,
    /(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/u,
    /(?<pattern>(?<![\w$)\]] *)\/(?![ /*=])(?:\[(?:[^\]\\]|\\.)*\]|[^/\\[]|\\.)+\/[a-z]*)/u,
    /(?<word>[\p{L}\p{N}_$]+)/u,
    /(?<sign>[^])/u,
  ].map(({ source }) => source).join("|"),
  "guy",
);

/** Comments, and blanks that mean nothing. Statements have to end with semicolons. */
export function compactScript(source: string): string {
  return compact(source, 0, false).text;
}

/** Up to the end, or to the brace that closes what is inserted into a template. */
function compact(source: string, from: number, isInserted: boolean) {
  let text = "";
  let depth = 0;
  let isApart = false;
  /** Without blanks before it, unless two words or two signs would become one. */
  const put = (next: string) => {
    const [last, first] = [text.slice(-1), next[0]];
    if (isApart && (isWord(last) && isWord(first) || last === first && "+-/".includes(first))) {
      text += " ";
    }
    // A comma or a semicolon before what closes.
    if (")]}".includes(first) && text.endsWith(",")) text = text.slice(0, -1);
    // An empty body is no more than its semicolon.
    if (first === "}" && text.endsWith(";") && !text.endsWith(");")) {
      text = text.slice(0, -1);
    }
    text += next;
    isApart = false;
  };
  for (let at = from; at < source.length;) {
    if (source[at] === "`") {
      const template = readTemplate(source, at);
      put(template.text);
      at = template.end;
      continue;
    }
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(source)!;
    const [token] = found;
    at += token.length;
    if (found.groups!.blank !== undefined) {
      isApart = true;
      continue;
    }
    if (token === "{") depth++;
    if (token === "}" && depth-- === 0 && isInserted) return { text, end: at };
    put(token);
  }
  return { text, end: source.length };
}

/** As it is, but for what is inserted. */
function readTemplate(source: string, from: number) {
  let text = "`";
  for (let at = from + 1;;) {
    if (source.startsWith("${", at)) {
      const inserted = compact(source, at + 2, true);
      text += `\${${inserted.text}}`;
      at = inserted.end;
      continue;
    }
    const length = source[at] === "\\" ? 2 : 1;
    const piece = source.slice(at, at + length);
    text += piece;
    at += length;
    if (piece === "`") return { text, end: at };
  }
}

function isWord(character: string): boolean {
  return /^[\p{L}\p{N}_$]$/u.test(character);
}
