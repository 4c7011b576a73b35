/** Brackets, colons, strings, and everything else in one piece. */
const TOKEN = /[{}[\]:]|"(?:[^"\\]|\\.)*"|[^{}[\]:"]+/gsu;

/**
 * The path of the first key that an object of this JSON has twice, or null. `JSON.parse` takes the
 * last of them, and says nothing.
 */
export function repeatedKey(json: string): string | null {
  /** The objects and lists around the token. */
  const open: { readonly keys: Set<string>; key: string }[] = [];
  let text = "";
  for (const [token] of json.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push({ keys: new Set(), key: "" });
    else if (token === "}" || token === "]") open.pop();
    else if (token.startsWith('"')) text = token;
    else if (token === ":") {
      const object = open[open.length - 1];
      object.key = JSON.parse(text);
      if (object.keys.has(object.key)) {
        return open.map(({ key }) => key).filter((key) => key !== "").join(".");
      }
      object.keys.add(object.key);
    }
  }
  return null;
}
