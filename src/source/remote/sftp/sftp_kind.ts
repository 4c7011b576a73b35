/** `sftp://`: a file, or those in a folder that fit a pattern. */
import { extname } from "node:path";
import { SourceError, TooLarge } from "../../error.ts";
import { spool } from "../../file/spool.ts";
import { Unavailable } from "../network/unavailable.ts";
import type {
  Fetched,
  Place,
  RemoteAccess,
  RemoteKind,
  RemoteObject,
  Version,
  Wanted,
} from "../remote.ts";
import { firstBytes } from "../first_bytes.ts";
import { megabytes } from "../size_words.ts";
import { type Attributes, NO_SUCH_FILE, PERMISSION_DENIED } from "./packets.ts";
import { SftpFailure, SftpSession } from "./session.ts";
import {
  fitsName,
  isSftpPattern,
  readSftpAddress,
  type SftpAddress,
  shownSftp,
} from "./sftp_address.ts";

/** Attempts that bring nothing before we give up. */
const FRUITLESS = 4;
/** Bytes that are asked for at once, and how many such pieces: latency costs nothing then. */
const PIECE = 32 * 1024, AT_ONCE = 32;

export const sftpKind: RemoteKind = {
  shown: shownSftp,
  expectedInstead: (address) =>
    readSftpAddress(address) === null ? "an address such as sftp://user@host/folder/*.csv" : null,
  list: listFiles,
  fetch: fetchFile,
};

async function listFiles(place: Place, access: RemoteAccess): Promise<readonly RemoteObject[]> {
  const { address } = place;
  const { path } = parse(address);
  const name = shownSftp(address);
  return await persistently(name, access, async () => {
    await using session = await openSession(address, place, access);
    if (!isSftpPattern(path)) {
      const stat = await session.stat(path);
      if (!stat.isFolder) return [{ name, address, version: versionOf(stat) }];
      throw new SourceError(
        `Cannot fetch ${name}: it is a folder. For all files in it, end the address with a slash.`,
      );
    }
    const cut = address.lastIndexOf("/") + 1;
    const [folder, pattern] = [path.slice(0, path.lastIndexOf("/") + 1), address.slice(cut)];
    const objects: RemoteObject[] = [];
    for (const [file, attributes] of await session.list(folder === "" ? "." : folder)) {
      if (!fitsName(pattern, file)) continue;
      const found = attributes.isFile || attributes.isFolder
        ? attributes
        : await session.stat(folder + file);
      if (found.isFolder) continue;
      const whole = address.slice(0, cut) + file;
      objects.push({ name: shownSftp(whole), address: whole, version: versionOf(found) });
    }
    if (objects.length > 0) return objects;
    throw new SourceError(
      `Cannot fetch ${name}: no file there has such a name. Check the pattern and the folder.`,
    );
  });
}

async function fetchFile(
  { address, name }: RemoteObject,
  place: Place,
  access: RemoteAccess,
  { folder, beginning = Infinity }: Wanted,
): Promise<Fetched> {
  const { path } = parse(address);
  const open = () => openSession(address, place, access);
  const found = { version: null as Version | null };
  let isBeginning = false;
  const wanted = firstBytes(
    bytesOf({ name, path, access, open }, found),
    beginning,
    () => isBeginning = true,
  );
  const bytes = ReadableStream.from(wanted);
  try {
    const copy = await spool(bytes, folder, extensionOf(path), access.maxBytes);
    return { ...copy, name, version: found.version!, notes: [], isBeginning };
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    throw new SourceError(
      `Cannot fetch ${name}: it is larger than the ${
        megabytes(access.maxBytes)
      } that are allowed. ` +
        "Allow more in the definition: `source: {max_download: …}`.",
    );
  }
}

interface Download {
  readonly name: string;
  readonly path: string;
  readonly access: RemoteAccess;
  open(): Promise<SftpSession>;
}

/** What breaks off is continued where it stopped. Throws SourceError if the file changes meanwhile. */
async function* bytesOf(
  download: Download,
  found: { version: Version | null },
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let fruitless = 0;
  for (;;) {
    const before = at;
    try {
      await using session = await download.open();
      const handle = await session.openFile(download.path);
      const size = await unchanged(download, found, session.statOpen(handle));
      for await (const piece of pieces(session, handle, at, size)) {
        at += piece.length;
        yield piece;
      }
      await unchanged(download, found, session.statOpen(handle));
      return;
    } catch (error) {
      fruitless = at > before ? 0 : fruitless + 1;
      if (!(error instanceof Unavailable) || fruitless >= FRUITLESS) {
        throw inWords(download.name, error);
      }
    }
  }
}

async function unchanged(
  { name }: Download,
  found: { version: Version | null },
  stat: Promise<Attributes>,
): Promise<number> {
  const attributes = await stat;
  const version = versionOf(attributes);
  if (found.version !== null && found.version.etag !== version.etag) {
    throw new SourceError(
      `Cannot fetch ${name}: it changed while it was read. Try again when it is complete.`,
    );
  }
  found.version = version;
  return attributes.size;
}

/** In their order; several are asked for before the first is there. */
async function* pieces(
  session: SftpSession,
  handle: Uint8Array,
  from: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  const asked: {
    readonly start: number;
    readonly end: number;
    bytes: Promise<Uint8Array | null>;
  }[] = [];
  let next = from;
  while (next < size || asked.length > 0) {
    while (next < size && asked.length < AT_ONCE) {
      const end = Math.min(next + PIECE, size);
      const bytes = session.read(handle, next, end - next);
      bytes.catch(() => {});
      asked.push({ start: next, end, bytes });
      next = end;
    }
    const { start, end, bytes } = asked.shift()!;
    let at = start;
    for (let piece = await bytes; at < end; piece = await session.read(handle, at, end - at)) {
      if (piece === null) throw new Unavailable("the file has become shorter");
      at += piece.length;
      yield piece;
      if (at >= end) break;
    }
  }
}

function openSession(address: string, place: Place, access: RemoteAccess): Promise<SftpSession> {
  return SftpSession.open({
    ...parse(address),
    ...{ key: place.key, knownHosts: access.variable("INGEST_KNOWN_HOSTS") ?? null },
  }, access);
}

async function persistently<T>(
  name: string,
  access: RemoteAccess,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await work();
    } catch (error) {
      access.signal.throwIfAborted();
      if (!(error instanceof Unavailable) || attempt >= FRUITLESS) throw inWords(name, error);
    }
  }
}

function inWords(name: string, error: unknown): unknown {
  if (error instanceof Unavailable) {
    return new SourceError(
      `Cannot fetch ${name}: ${error.message}, also at further attempts. Try again later.`,
    );
  }
  if (!(error instanceof SftpFailure)) return error;
  const why = error.code === NO_SUCH_FILE
    ? "there is no such file or folder. Check the path"
    : error.code === PERMISSION_DENIED
    ? "the server doesn't allow it. Check the rights of the user"
    : "the server refuses it";
  return new SourceError(`Cannot fetch ${name}: ${why}.`);
}

function parse(address: string): SftpAddress {
  const read = readSftpAddress(address);
  if (read === null) throw new SourceError(`Cannot fetch ${shownSftp(address)}: it is no address.`);
  return read;
}

/** Servers tell no other: its size, and when it was written to. */
function versionOf({ size, mtime }: Attributes): Version {
  return { etag: `${size}-${mtime}`, lastModified: null };
}

function extensionOf(path: string): string {
  const extension = extname(path);
  return /^\.[a-z0-9]{1,10}$/iu.test(extension) ? extension : "";
}
