import { resolve } from "node:path";
import type { SourceRule } from "../importer/definition.ts";
import { looksBinary } from "./binary.ts";
import { detectEncoding, SAMPLE_BYTES } from "./encoding.ts";
import { readAnswer } from "./answer.ts";
import { SourceError } from "./error.ts";
import { detectFormat, readHeader, type SourceFormat } from "./format.ts";
import { changed, readUpTo } from "./range.ts";
import { transcode } from "./transcode.ts";

/** A source that can be planned: plain JSON, stored in the ledger, the same for all workers. */
export interface ResolvedSource {
  /** Absolute. If the file is in another encoding, this is the path of its copy in UTF-8. */
  readonly path: string;
  /** Bytes, and milliseconds since 1970, of the file at `path`. They reveal a change. */
  readonly size: number;
  readonly mtime: number | null;
  /** The original's encoding, as the Encoding Standard names it. The file at `path` is UTF-8. */
  readonly encoding: string;
  readonly format: SourceFormat;
  /** Names of the fields, none blank, no two equal. */
  readonly header: readonly string[];
  /** Byte offset of the first row; equal to `size` if there is none. */
  readonly data_start: number;
  /** Physical line at `data_start`, from 1. */
  readonly data_line: number;
}

/** A source and what is known of the original's bytes. */
export interface OpenedSource {
  readonly source: ResolvedSource;
  /** See `Fingerprint`; null if not all of the file was read. */
  readonly fingerprint: string | null;
}

/**
 * Opens a local file for an import: detects what the definition doesn't say, reads the header, and
 * copies files that are not in UTF-8 into `spoolFolder` as UTF-8. `name` is the file's original
 * name if `path` is a copy of it.
 *
 * Throws SourceError if the file is missing, a folder, not readable, not text or empty, if its
 * header can't be read, or if the encoding is unknown.
 */
export async function resolveSource(
  path: string,
  rule: SourceRule,
  spoolFolder: string,
  name: string = path,
): Promise<OpenedSource> {
  const original = resolve(path);
  const before = await statFile(original, name);
  if (before.size === 0) throw new SourceError(`Cannot import ${name}: the file is empty.`);
  const sample = await readUpTo(original, 0, SAMPLE_BYTES);
  const binary = looksBinary(sample);
  if (binary !== null) {
    throw new SourceError(
      `Cannot import ${name}: it is ${binary}, not text. Export or unpack it as CSV.`,
    );
  }

  const { encoding, bomBytes } = chooseEncoding(sample, rule.encoding);
  if (encoding === "utf-8") {
    const described = describe(sample, before, rule, bomBytes, name);
    const source = { path: original, encoding, ...described };
    return { source, fingerprint: null };
  }
  const spooled = await transcode(original, encoding, spoolFolder);
  try {
    const after = await statFile(original, name);
    if (after.size !== before.size || after.mtime !== before.mtime) throw changed(name);
    const stat = await statFile(spooled.path, spooled.path);
    const utf8 = await readUpTo(spooled.path, 0, SAMPLE_BYTES);
    const described = describe(utf8, stat, rule, 0, name);
    const source = { path: resolve(spooled.path), encoding, ...described };
    return { source, fingerprint: spooled.fingerprint };
  } catch (error) {
    await Deno.remove(spooled.path);
    throw error;
  }
}

interface FileStat {
  readonly size: number;
  readonly mtime: number | null;
}

async function statFile(path: string, name: string): Promise<FileStat> {
  try {
    const stat = await readAnswer(path, Deno.stat(path));
    if (stat.isDirectory) {
      throw new SourceError(`Cannot import ${name}: it is a folder. Name a file in it.`);
    }
    if (!stat.isFile) {
      throw new SourceError(`Cannot import ${name}: it is not a regular file. Copy it to one.`);
    }
    return { size: stat.size, mtime: stat.mtime?.getTime() ?? null };
  } catch (error) {
    // A path through a file (`a.csv/b.csv`) is "not a directory" to the system.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new SourceError(`Cannot import ${name}: there is no such file. Check the path.`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new SourceError(
        `Cannot import ${name}: permission denied. Make its folder readable for this user.`,
      );
    }
    throw error;
  }
}

/** A byte order mark overrides the definition, and the definition overrides detection. */
function chooseEncoding(
  sample: Uint8Array,
  label: string,
): { readonly encoding: string; readonly bomBytes: number } {
  const detected = detectEncoding(sample);
  if (label === "auto" || detected.bomBytes > 0) return detected;
  try {
    return { encoding: new TextDecoder(label).encoding, bomBytes: 0 };
  } catch {
    throw new SourceError(
      `Cannot read the file as ${JSON.stringify(label)}: there is no such encoding. ` +
        "Use auto, or a label such as utf-8, windows-1252 or utf-16le.",
    );
  }
}

type Description = Omit<ResolvedSource, "path" | "encoding">;

function describe(
  sample: Uint8Array,
  stat: FileStat,
  rule: SourceRule,
  bomBytes: number,
  name: string,
): Description {
  const beginning = { bytes: sample, bomBytes, isWhole: sample.length >= stat.size };
  const format = detectFormat(beginning, rule, name);
  const header = readHeader(beginning, format, rule);
  if (header === null) {
    const where = rule.skip_lines === 0 ? "" : ` after the ${rule.skip_lines} lines of skip_lines`;
    throw new SourceError(`Cannot import ${name}: the file is empty${where}.`);
  }
  return {
    size: stat.size,
    mtime: stat.mtime,
    format,
    header: header.names,
    data_start: header.dataStart,
    data_line: header.dataLine,
  };
}
