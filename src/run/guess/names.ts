/** Names of columns for a new table, from those of a file. */

/** Postgres cuts longer names. */
const MAX_BYTES = 63;

/** Each table has columns of its own with these names. */
const OF_THE_SYSTEM = new Set(["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"]);

const LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
};

const encoder = new TextEncoder();

/** In the file's order: `snake_case`, none longer than Postgres allows, no two equal. */
export function columnNames(header: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return header.map((name, index) => {
    const wanted = snakeCase(name) || `column_${index + 1}`;
    let unique = cut(wanted, "");
    for (let n = 2; taken.has(unique); n++) unique = cut(wanted, `_${n}`);
    taken.add(unique);
    return unique;
  });
}

/** `E-Mail` → `e_mail`, `OrderId` → `order_id`, `2024` → `_2024`. Empty if no letter or digit is left. */
export function snakeCase(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "")
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, "$1_$2").replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1_$2")
    .toLowerCase().replace(/[ßæœøłđðþ]/gu, (letter) => LETTERS[letter])
    .replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_+|_+$/gu, "");
  if (/^\p{N}/u.test(plain)) return `_${plain}`;
  return OF_THE_SYSTEM.has(plain) ? `${plain}_` : plain;
}

/** The name with this end, as long as it may be. */
function cut(name: string, end: string): string {
  let bytes = 0;
  let kept = "";
  for (const character of name) {
    bytes += encoder.encode(character).length;
    if (bytes > MAX_BYTES - end.length) break;
    kept += character;
  }
  return kept + end;
}
