/**
 * The path of the first key that an object of this JSON has twice, or null. `JSON.parse` takes the
 * last of them, and says nothing. Without a regular expression: a text may have megabytes, and one
 * that can go wrong at each character fills the stack.
 */
export function repeatedKey(json: string): string | null {
  /** The objects around the place; null for a list: a body may have millions of them. */
  const open: ({ readonly keys: Set<string>; key: string } | null)[] = [];
  let text = "";
  for (let at = 0; at < json.length; at++) {
    const mark = json[at];
    if (mark === "{") open.push({ keys: new Set(), key: "" });
    else if (mark === "[") open.push(null);
    else if (mark === "}" || mark === "]") open.pop();
    else if (mark === '"') {
      const end = endOfText(json, at);
      text = json.slice(at, end);
      at = end - 1;
    } else if (mark === ":") {
      const object = open[open.length - 1];
      if (!object) throw new Error("a colon belongs to an object");
      object.key = JSON.parse(text);
      if (object.keys.has(object.key)) {
        return open.map((one) => one?.key ?? "").filter((key) => key !== "").join(".");
      }
      object.keys.add(object.key);
    }
  }
  return null;
}

/** Behind the closing quote. */
function endOfText(json: string, begin: number): number {
  let at = begin + 1;
  while (json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at + 1;
}
