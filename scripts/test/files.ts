/** Reads the arguments of `deno task test`. */
import { relative } from "node:path";

export interface Selection {
  /** Passed on to `deno test`. */
  readonly options: readonly string[];
  /** In order, relative to the current folder. */
  readonly files: readonly string[];
}

/** The names by which `deno test` finds test files, without the kinds that we don't have. */
const TEST_FILE = /(?:^|[_.])test\.ts$/;

/**
 * Null if an argument is neither an option nor an existing file or folder: then `deno test` has to
 * interpret them.
 */
export async function selectTests(args: readonly string[]): Promise<Selection | null> {
  const options: string[] = [];
  const files = new Set<string>();
  for (const [i, arg] of args.entries()) {
    if (isOption(args, i)) {
      options.push(arg);
      continue;
    }
    const found = await findTests(relative(".", arg) || ".").catch(() => null);
    if (found === null) return null;
    found.forEach((file) => files.add(file));
  }
  return { options, files: [...files] };
}

/** Do the arguments name a file or folder? */
export function nameTests(args: readonly string[]): boolean {
  return args.some((_, i) => !isOption(args, i));
}

/** All test files in a folder and its subfolders, in order. For a file: the file itself. */
export async function findTests(path: string): Promise<readonly string[]> {
  if (!(await Deno.stat(path)).isDirectory) return [path];
  const entries = await Array.fromAsync(Deno.readDir(path));
  const found: string[] = [];
  for (const { name, isDirectory } of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    if (isDirectory) found.push(...await findTests(`${path}/${name}`));
    else if (TEST_FILE.test(name)) found.push(`${path}/${name}`);
  }
  return found;
}

function isOption(args: readonly string[], i: number): boolean {
  return args[i].startsWith("-") || args[i - 1] === "--filter";
}
