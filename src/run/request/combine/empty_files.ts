/** Files of 0 bytes among others. They have no rows, and no header that could lack a column. */
import { Identifier } from "../../../source/file/identity.ts";
import type { OpenedSource, ResolvedSource } from "../../../source/resolved_source.ts";
import { fileState } from "../../../source/unchanged.ts";
import { inParallel } from "./in_parallel.ts";
import type { Layout } from "./layout.ts";

/** The indexes of the others; all of them if every file is empty. */
export async function indexesWithContent(paths: readonly string[]): Promise<readonly number[]> {
  const isEmpty: boolean[] = [];
  await inParallel(paths, async (path, index) => {
    isEmpty[index] = (await fileState(path))?.size === 0;
  });
  const all = [...paths.keys()];
  return isEmpty.includes(false) ? all.filter((index) => !isEmpty[index]) : all;
}

/** Such a file, as if it were one like the others. */
export async function openEmpty(
  path: string,
  other: ResolvedSource,
  layout: Layout,
): Promise<OpenedSource> {
  const mtime = (await fileState(path))?.mtime ?? null;
  return {
    source: {
      ...other,
      ...layout,
      ...{ path, mtime, size: 0, data_start: 0, data_end: 0, data_line: 1 },
      ...{ broken: undefined, unpacked: undefined },
      notes: ["The file is empty (0 bytes): it has no rows."],
    },
    identity: new Identifier().end(),
    original: { path, size: 0 },
    isCut: false,
  };
}
