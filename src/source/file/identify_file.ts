import { fileState } from "../unchanged.ts";
import { Identifier, type Identity } from "./identity.ts";
import { changed, gone } from "./range.ts";
import { readFile } from "./read_file.ts";

/** Reads all of a file, in constant memory. Throws SourceError if it is written to meanwhile. */
export async function identifyFile(path: string): Promise<Identity> {
  const before = await fileState(path);
  if (before === null) throw gone(path);
  const identifier = new Identifier();
  for await (const chunk of readFile(path)) identifier.add(chunk);
  const after = await fileState(path);
  if (after?.size !== before.size || after.mtime !== before.mtime) throw changed(path);
  return identifier.end();
}
