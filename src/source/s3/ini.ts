/** `~/.aws/credentials` and `~/.aws/config`: settings by section. */

export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Nested settings, which are indented, are left out: none of them is needed. */
export function parseIni(text: string): Sections {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | null = null;
  for (const line of text.split(/\r?\n/u)) {
    const section = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/u.exec(line);
    if (section !== null) {
      const name = section[1].replaceAll(/^["']|["']$/gu, "");
      current = sections.get(name) ?? new Map();
      sections.set(name, current);
      continue;
    }
    const setting = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/u.exec(line);
    if (setting !== null) current?.set(setting[1].toLowerCase(), setting[2]);
  }
  return sections;
}

/** No such file: no sections. */
export async function readIni(path: string | null): Promise<Sections> {
  if (path === null) return new Map();
  try {
    return parseIni(await Deno.readTextFile(path));
  } catch (error) {
    // A service may have no access to its user's home. Other tools then do without, too.
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return new Map();
    throw error;
  }
}
