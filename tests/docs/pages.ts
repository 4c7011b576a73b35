/** The documents that people read: the README, those beside it, and `docs/`. */
import { fileURLToPath } from "node:url";

/** Of the repository, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Page {
  /** From the root of the repository: `docs/http.md`. */
  readonly path: string;
  readonly text: string;
}

const AT_THE_ROOT = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

export async function readPages(): Promise<readonly Page[]> {
  const paths = [...AT_THE_ROOT];
  for await (const { name } of Deno.readDir(`${ROOT}docs`)) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return await Promise.all(paths.sort().map(readPage));
}

export async function readPage(path: string): Promise<Page> {
  return { path, text: await Deno.readTextFile(`${ROOT}${path}`) };
}
