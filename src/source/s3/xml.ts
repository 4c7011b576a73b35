/**
 * Reads the XML of S3's answers: flat, without attributes that matter. Nothing in it is ever
 * resolved but the five entities of XML and numbered characters, so that a server can make nobody
 * fetch or expand anything.
 */

/** The contents of all elements of this name, outermost first, none inside another. */
export function elementsOf(xml: string, name: string): string[] {
  const found: string[] = [];
  const end = `</${name}>`;
  for (let at = 0;;) {
    const start = startOf(xml, name, at);
    if (start === -1) return found;
    const close = xml.indexOf(end, start);
    if (close === -1) return found;
    found.push(xml.slice(start, close));
    at = close + end.length;
  }
}

/** The text of the first element of this name; null if there is none. */
export function textOf(xml: string, name: string): string | null {
  const [inner] = elementsOf(xml, name);
  return inner === undefined ? null : unescaped(inner);
}

function startOf(xml: string, name: string, from: number): number {
  for (let at = from;;) {
    const found = xml.indexOf(`<${name}`, at);
    if (found === -1) return -1;
    const close = xml.indexOf(">", found);
    if (close === -1) return -1;
    const isName = /[\s>]/u.test(xml[found + name.length + 1] ?? "");
    if (isName && xml[close - 1] !== "/") return close + 1;
    at = close;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" },
};

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/giu, (whole, ...parts) => {
    const [decimal, hex, name] = parts as (string | undefined)[];
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = decimal === undefined ? parseInt(hex!, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
