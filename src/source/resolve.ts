/** Opens a file for an import, packed or not: from its name to a source that can be planned. */
import { resolve } from "node:path";
import type { SourceRule } from "../importer/source_rule.ts";
import { identifyFile } from "./file/identify_file.ts";
import { changed } from "./file/range.ts";
import { statFile } from "./file/stat_file.ts";
import { openPlain } from "./open.ts";
import type { OpenedSource, ResolvedSource } from "./resolved_source.ts";
import type { WantedNames } from "./record_format.ts";
import { brokenEarly, brokenSource } from "./broken_source.ts";
import { unpack, type Unpacked } from "./unpack/unpack.ts";

export interface Opening {
  /** The file's original name, if `path` is a copy of it. */
  readonly name?: string;
  /** It ends anywhere, since it is a file's first bytes. */
  readonly isBeginning?: boolean;
  /** Only its first rows are looked at. */
  readonly isLook?: boolean;
  /** What the definition calls the columns that it reads. */
  readonly wanted?: WantedNames;
  /** Bytes that a packed file may become, unless the definition says it; null: what a table may need. */
  readonly maxUnpacked?: number | null;
}

const NOT_PACKED = "The file is no zip archive: member is not used.";

/** What is unpacked of a file that is only looked at. */
const LOOKED_AT_BYTES = 8 * 1024 * 1024;

/**
 * Opens a local file: unpacks it, detects what the definition doesn't say, reads the header, and copies
 * files that can't be read as they are into `spoolFolder`, in UTF-8.
 *
 * Throws SourceError if the file is missing, a folder, not readable, not text or empty, if it can't
 * be unpacked, if its header can't be read, or if the encoding is unknown.
 */
export async function resolveSource(
  path: string,
  rule: SourceRule,
  spoolFolder: string,
  opening: Opening = {},
): Promise<OpenedSource> {
  const { name = path, isBeginning = false, isLook = false, wanted, maxUnpacked = null } = opening;
  const original = resolve(path);
  const before = await statFile(original, name);
  const unpacked = await unpack({
    ...{ path: original, name, size: before.size, folder: spoolFolder, isBeginning },
    member: rule.member ?? null,
    maxUnpacked: rule.max_unpacked ?? maxUnpacked,
    beginning: isLook ? LOOKED_AT_BYTES : null,
  });
  if (unpacked === null) {
    const plain = await openPlain(original, rule, spoolFolder, name, isBeginning, wanted);
    if (rule.member === undefined) return plain;
    const notes = [NOT_PACKED, ...plain.source.notes ?? []];
    return { ...plain, source: { ...plain.source, notes } };
  }
  let plain: OpenedSource | null = null;
  try {
    const isCut = unpacked.isCut || unpacked.broken?.isWhole === false;
    plain = await openPlain(unpacked.path, rule, spoolFolder, unpacked.name, isCut, wanted);
    const source = await described(plain.source, unpacked, name);
    const identity = isLook ? null : await identifyFile(original);
    const after = await statFile(original, name);
    if (after.size !== before.size || after.mtime !== before.mtime) throw changed(name);
    return { source, identity, original: { path: original, size: before.size }, isCut };
  } catch (error) {
    if (plain !== null) await Deno.remove(plain.source.path);
    throw brokenEarly(error, unpacked.broken, name);
  } finally {
    // Of two copies, the first was only the second's original.
    if (plain?.source.path !== unpacked.path) await Deno.remove(unpacked.path);
  }
}

async function described(
  source: ResolvedSource,
  { how, notes, broken }: Unpacked,
  name: string,
): Promise<ResolvedSource> {
  const told = { ...source, unpacked: how, notes: [...notes, ...source.notes ?? []] };
  return broken === null ? told : await brokenSource(told, broken, name);
}
