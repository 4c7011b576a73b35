/** A watched folder, as this machine sees it. */
import { resolve } from "node:path";
import { folderOf } from "../../importer/check/check_folder.ts";
import type { Definition } from "../../importer/definition.ts";
import type { FolderRule } from "../../importer/source_rule.ts";

export interface WatchedFolder extends FolderRule {
  readonly importer: string;
  readonly definition: Definition;
  /** As the definition says it. */
  readonly path: string;
  /** Absolute: what may be meant by the pattern, and where names of files begin. */
  readonly root: string;
  readonly pattern: string;
  /** `done` and `failed`, absolute. */
  readonly doneFolder: string;
  readonly failedFolder: string;
}

/** Null if the definition watches none. `base`: where relative paths begin. */
export function watchedFolder(definition: Definition, base: string): WatchedFolder | null {
  const { slug, source: { type, path, folder } } = definition;
  if (type !== "folder" || path === null || folder === undefined) return null;
  const root = folderOf(path);
  return {
    ...{ ...folder, importer: slug, definition, path, root: resolve(base, root) },
    // A folder means all files in it.
    pattern: root === path ? "*" : path.slice(root === "." ? 0 : root.length).replace(/^\/+/u, ""),
    doneFolder: resolve(base, folder.done),
    failedFolder: resolve(base, folder.failed),
  };
}

/** What the file is called whose being there says that `name` is complete. */
export function markerOf(ready: string, name: string): string {
  const cut = name.lastIndexOf("/") + 1;
  return name.slice(0, cut) + ready.replace("*", () => name.slice(cut));
}

/** Hidden files, and those that programs make while they write or copy. */
const UNFINISHED =
  /(?:^|\/)\.|(?:^|\/)~\$|(?:~|\.(?:part|partial|filepart|crdownload|download|tmp|temp|swp|lock|uploading))$/iu;

export function isUnfinished(name: string): boolean {
  return UNFINISHED.test(name);
}
