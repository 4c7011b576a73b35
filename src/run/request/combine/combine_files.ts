/**
 * Several files that are one source. Their rows are copied into storage one file after the other,
 * below the header of the first, so that everything later reads them as one file. What has another
 * order of columns, or another delimiter, is written anew.
 */
import { isDeepStrictEqual } from "node:util";
import type { Definition } from "../../../importer/definition.ts";
import { wantedNames } from "../../../importer/wanted_names.ts";
import { Identifier, type Identity } from "../../../source/file/identity.ts";
import { readUpTo } from "../../../source/file/range.ts";
import { readFile } from "../../../source/file/read_file.ts";
import { store } from "../../../source/file/spool.ts";
import { recordFormat } from "../../../source/format.ts";
import { Alike } from "../../../source/alike.ts";
import {
  isConverted,
  type OpenedSource,
  type ResolvedSource,
} from "../../../source/resolved_source.ts";
import { resolveSource } from "../../../source/resolve.ts";
import { assertUnchanged, fileState } from "../../../source/unchanged.ts";
import { indexesWithContent, openEmpty } from "./empty_files.ts";
import { inParallel } from "./in_parallel.ts";
import { commonLayout, hasLayout, type Layout, namesItsValues } from "./layout.ts";
import { missingColumns, namesWithin } from "./names.ts";
import { notesOf, repetitions, shortened } from "./notes.ts";
import { newlineOf, rewriteRows } from "./rewrite_rows.ts";

/** One of the files, and where its rows are in the copy. */
export interface CombinedFile extends Identity {
  /** Its path within the folder that all of them are in. */
  readonly name: string;
  /** Bytes of the file itself. */
  readonly size: number;
  /** The place of its first row in the copy; equal to that of the next file if it has no rows. */
  readonly byteStart: number;
  /** The physical line of that place, in the file itself. */
  readonly dataLine: number;
}

export interface Combined {
  /** The copy. Its header has every column that one of the files has. */
  readonly source: ResolvedSource;
  readonly files: readonly CombinedFile[];
  /** Of all files: what `sha256sum` says of the list of their checksums, one on each line. */
  readonly identity: Identity;
  /** For each column that some files don't have, their names. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
}

/**
 * `paths`: at least one; `given`: what people call them, if the paths are those of copies. Throws
 * SourceError as `resolveSource` does, if files are of different kinds, and if one is written to meanwhile; then nothing is left in `folder`.
 */
export async function combineFiles(
  paths: readonly string[],
  definition: Definition,
  folder: string,
  given: readonly string[] = paths,
): Promise<Combined> {
  const opened: OpenedFile[] = [];
  try {
    const names = namesWithin(given);
    const [wanted, rule] = [wantedNames(definition), definition.source];
    let alike: Alike | null = null;
    const open = async (index: number) => {
      const [path, name] = [paths[index], given[index]];
      const found = await alike?.open(path, name) ??
        await resolveSource(path, rule, folder, { wanted, name });
      opened[index] = { path, shown: name, name: names[index], ...found };
    };
    const [firstIndex, ...others] = await indexesWithContent(paths);
    await open(firstIndex);
    alike = await Alike.to(opened[firstIndex], rule, given[firstIndex]);
    await inParallel(others, open);
    const { source: first } = opened[firstIndex];
    const full = [firstIndex, ...others].map((index) => opened[index]);
    const layout = commonLayout(full);
    for (const [index, path] of paths.entries()) {
      if (opened[index] !== undefined) continue;
      const empty = await openEmpty(path, first, layout);
      opened[index] = { path, shown: given[index], name: names[index], ...empty };
    }
    const files: CombinedFile[] = [];
    const copied = copyAll(opened, full[0], layout, (file) => files.push(file));
    const { path, size } = await store(copied, folder, ".csv");
    const mtime = (await fileState(path))?.mtime ?? null;
    return {
      source: {
        ...first,
        ...layout,
        ...{ path, size, mtime },
        data_start: files[0].byteStart,
        data_end: size,
        notes: [...notesOf(opened), ...repetitions(files)],
        ...unpacking(full),
      },
      files,
      identity: identityOf(files),
      missing: namesItsValues(layout) ? new Map() : missingColumns(opened, layout.header),
    };
  } finally {
    // If one could not be opened, there are gaps.
    for (const { path, source } of Object.values(opened)) {
      if (isConverted(source, path)) await Deno.remove(source.path);
    }
  }
}

interface OpenedFile extends OpenedSource {
  readonly path: string;
  /** What people call it, and its name among the others. */
  readonly shown: string;
  readonly name: string;
}

/** The copy's bytes; its header is that of `first`. Calls `onFile` for each file before the bytes of the next one. */
async function* copyAll(
  opened: readonly OpenedFile[],
  first: OpenedFile,
  layout: Layout,
  onFile: (file: CombinedFile) => void,
): AsyncGenerator<Uint8Array> {
  const newline = newlineOf(layout);
  let length = 0;
  let last = newline;
  for await (const bytes of headOf(first, layout)) {
    length += bytes.length;
    last = bytes.at(-1) ?? last;
    yield bytes;
  }
  let ahead = readSmall(opened[0]);
  for (const [index, { source, name, original, identity }] of opened.entries()) {
    const whole = ahead;
    // While this one is written.
    ahead = readSmall(opened.at(index + 1));
    // Whatever a file ends with, the next one begins on a line of its own.
    if (last !== newline) {
      length++;
      yield Uint8Array.of(newline);
    }
    const byteStart = length;
    last = newline;
    const identifier = identity === null ? new Identifier() : null;
    for await (const bytes of rowsOf(source, layout, name, identifier, whole)) {
      length += bytes.length;
      last = bytes.at(-1) ?? last;
      yield bytes;
    }
    await assertUnchanged(source);
    onFile({
      ...{ name, size: original.size, byteStart, dataLine: source.data_line },
      ...(identity ?? identifier!.end()),
    });
  }
}

/** What the copy begins with. It is not read, but shows whoever looks into it what it holds. */
async function* headOf(first: OpenedFile, layout: Layout): AsyncGenerator<Uint8Array> {
  const { path, data_start, header } = first.source;
  if (isDeepStrictEqual(header, layout.header)) yield* readFile(path, 0, data_start);
  else {
    const { format } = layout;
    const line = recordFormat(format, layout.header).encode(layout.header);
    if (line !== null) yield line;
  }
}

/** Bytes of a file that is read in one piece. */
const SMALL = 1024 * 1024;

/** All bytes of a small file, and one more if it has grown; else null. */
function readSmall(file: OpenedFile | undefined): Promise<Uint8Array> | null {
  if (file === undefined || file.source.size > SMALL) return null;
  const { path, size } = file.source;
  const bytes = readUpTo(path, 0, size + 1);
  // If nobody comes to it any more, something else has failed before.
  bytes.catch(() => {});
  return bytes;
}

/** `whole`: the bytes, if they are being read. `identifier`: gets all bytes of the file, which was not converted. */
async function* rowsOf(
  source: ResolvedSource,
  layout: Layout,
  name: string,
  identifier: Identifier | null,
  whole: Promise<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  const { path, data_start, data_end = source.size } = source;
  const isSame = hasLayout(source, layout);
  if (!isSame) yield* rewriteRows(source, layout, name);
  if (!isSame && identifier === null) return;
  let at = 0;
  const pieces = whole === null ? readFile(path) : [await whole];
  for await (const bytes of pieces) {
    identifier?.add(bytes);
    const [from, to] = [Math.max(0, data_start - at), Math.max(0, data_end - at)];
    at += bytes.length;
    if (isSame && from < bytes.length && to > from) yield bytes.subarray(from, to);
  }
}

function identityOf(files: readonly CombinedFile[]): Identity {
  const identifier = new Identifier();
  const encoder = new TextEncoder();
  for (const { checksum } of files) identifier.add(encoder.encode(`${checksum}\n`));
  return identifier.end();
}

/** How they were unpacked, and which of them are not all of their file. */
function unpacking(opened: readonly OpenedFile[]): Pick<ResolvedSource, "unpacked" | "broken"> {
  const ways = opened.flatMap(({ source: { unpacked } }) =>
    unpacked === undefined ? [] : [unpacked]
  );
  const isOne = ways.length === opened.length && ways.every((way) => way === ways[0]);
  const broken = opened.flatMap(({ source }) => source.broken === undefined ? [] : [source.broken]);
  return {
    unpacked: ways.length === 0 ? undefined : isOne ? ways[0] : `${ways.length} packed files`,
    broken: broken.length === 0 ? undefined : shortened(broken).join(" "),
  };
}
