/** URLs as people may see them. */

/** Host and path: not who signs in, nor the query, which often holds a key. */
export function shownUrl(address: string): string {
  if (!URL.canParse(address)) return "the address";
  const { host, pathname } = new URL(address);
  return `${host}${pathname === "/" ? "" : readable(pathname)}`;
}

/** The encoded form where decoding would change what the parts are, or show what can't be seen. */
function readable(path: string): string {
  const parts = path.split("/").map((part) => {
    try {
      const text = decodeURIComponent(part);
      return /[/\\\p{C}\p{Zl}\p{Zp}]/u.test(text) ? part : text;
    } catch {
      return part;
    }
  });
  return parts.join("/");
}
