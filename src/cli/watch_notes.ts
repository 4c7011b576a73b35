/** What `check` says of a watched folder. */
import { FolderProblem, requireFolder } from "../run/watch/list_waiting.ts";
import { watchedFolder } from "../run/watch/watched_folder.ts";
import type { Importer } from "../importer/folder.ts";
import { type Problem, toProblem } from "../importer/problem.ts";

export interface WatchNotes {
  readonly notes: readonly Problem[];
  readonly warnings: readonly Problem[];
}

export async function watchNotes({ definition, file, positions }: Importer): Promise<WatchNotes> {
  const folder = watchedFolder(definition, Deno.cwd());
  if (folder === null) return { notes: [], warnings: [] };
  const note = (path: readonly string[], sentence: string) =>
    toProblem(file, positions.get(path.join(".")) ?? null, path, {
      found: folder.path,
      expected: "a folder",
      sentence,
    });
  const when = folder.ready === null
    ? `once they haven't changed for ${folder.settle / 1000} s`
    : `once there is a file ${folder.ready} beside them, where * is the file's name`;
  const notes = [
    note(["source", "path"], `serve and work take files of ${folder.root}, ${when}`),
  ];
  try {
    await requireFolder(folder.root, folder.path);
    return { notes, warnings: [] };
  } catch (error) {
    if (!(error instanceof FolderProblem)) throw error;
    return { notes, warnings: [note(["source", "path"], error.message)] };
  }
}
