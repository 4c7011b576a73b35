/** Opens files to read all of them, as a run would, and leaves nothing behind. */
import type { Definition } from "../../importer/definition.ts";
import { wantedNames } from "../../importer/wanted_names.ts";
import { listFiles } from "../../source/file/list_files.ts";
import { isConverted, type ResolvedSource } from "../../source/resolved_source.ts";
import { resolveSource } from "../../source/resolve.ts";
import { combineFiles } from "../request/combine/combine_files.ts";
import { type FileFacts, readFacts } from "./file_facts.ts";

export interface FilesToRead {
  /** Paths, patterns and folders. */
  readonly files: readonly string[];
  /** Says how they are read, and for JSON which keys. */
  readonly definition: Definition;
  /** For copies of what can't be read as it is; they are removed. */
  readonly folder: string;
  /** Columns that may be a key together. */
  readonly together?: readonly (readonly string[])[];
  /** The file's own name, where the path is that of a copy. */
  readonly name?: string;
  onRows?(rows: number): void;
}

/**
 * Reads all rows. Keys that only later rows of a JSON file have are columns, too. Throws
 * SourceError.
 */
export async function readFiles(request: FilesToRead): Promise<FileFacts> {
  const facts = await readOnce(request, []);
  return facts.others.length === 0 ? facts : await readOnce(request, facts.others);
}

async function readOnce(
  { files, definition, folder, together, name, onRows }: FilesToRead,
  others: readonly string[],
): Promise<FileFacts> {
  const more = others.map((name) => ({ names: [name], isColumn: true }));
  const wanted = [...wantedNames(definition), ...more];
  const paths = await listFiles(files);
  let source: ResolvedSource;
  if (paths.length > 1) ({ source } = await combineFiles(paths, definition, folder));
  else {
    const how = { wanted, ...name !== undefined && { name } };
    ({ source } = await resolveSource(paths[0], definition.source, folder, how));
  }
  try {
    return await readFacts(source, together, onRows);
  } finally {
    if (isConverted(source, paths[0])) await Deno.remove(source.path);
  }
}
