/** Documents that are zip archives: workbooks and the like, which are read as a whole or not at all. */
import { SourceError } from "../../error.ts";
import { ZipFile } from "./zip_file.ts";

/** A zip has the name of each member in clear text before it. Office's documents have these first. */
const PARTS = /PK[^]{28}(?:\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/|Index\/)/u;
/** OpenDocument. */
const TYPE_FIRST = /^PK[^]{28}mimetype/u;

export async function isDocument(
  path: string,
  name: string,
  sample: Uint8Array,
): Promise<boolean> {
  const names = new TextDecoder("latin1").decode(sample.subarray(0, 64 * 1024));
  if (TYPE_FIRST.test(names)) return true;
  if (!PARTS.test(names)) return false;
  try {
    const { members } = await ZipFile.open(path, name);
    return members.some(({ name }) => name === "[Content_Types].xml" || name.endsWith(".iwa"));
  } catch (error) {
    // Whoever reads it says what is wrong.
    if (error instanceof SourceError) return true;
    throw error;
  }
}
