/** What a file's name says: `orders-{region}-{day}.csv` in `source.file_name`. */

/** `name`, and the parts that the template names. */
export type FileWords = Readonly<Record<string, string>>;

const PART = /\{([A-Za-z_]\w*)\}/gu;

/** The names of a template's parts, in order. */
export function namesInTemplate(template: string): string[] {
  return Array.from(template.matchAll(PART), ([, name]) => name);
}

/**
 * Each part takes as little as it can, but at least one character; the last one takes what is left. So
 * no name takes long to compare. Null if the name doesn't fit. `template`: null for any name.
 */
export function readFileName(template: string | null, name: string): FileWords | null {
  const words: Record<string, string> = { name };
  if (template === null) return words;
  // What is written between the parts, and the parts' names.
  const pieces = template.split(PART);
  if (!name.startsWith(pieces[0])) return null;
  let at = pieces[0].length;
  for (let i = 1; i < pieces.length; i += 2) {
    const [part, behind] = [pieces[i], pieces[i + 1]];
    const isLast = i + 2 === pieces.length;
    const end = isLast ? name.length - behind.length : name.indexOf(behind, at + 1);
    if (end <= at || !name.startsWith(behind, end)) return null;
    words[part] = name.slice(at, end);
    at = end + behind.length;
  }
  return at === name.length ? words : null;
}
