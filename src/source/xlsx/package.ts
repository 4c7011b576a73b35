/** A workbook's parts, which are the members of a zip archive. */
import { SourceError } from "../error.ts";
import { utf8Stream } from "../encoding/convert.ts";
import { Damaged } from "../unpack/damaged.ts";
import { ZipFile, type ZipMember } from "../unpack/zip/zip_file.ts";
import { scanXml, type XmlEvents } from "./xml_scanner.ts";
import { XmlError } from "./xml_entity.ts";

/** Real sheets become 5 to 50 times as large. What is made to fill disks becomes 1,000 times as large. */
const MAX_RATIO = 400;
/** Below it, nothing can do harm. */
const HARMLESS_BYTES = 64 * 1024 * 1024;

export class Package {
  readonly #zip: ZipFile;
  /** Names of parts don't depend on case, and some programs write them with backslashes. */
  readonly #members: ReadonlyMap<string, ZipMember>;

  private constructor(zip: ZipFile) {
    this.#zip = zip;
    this.#members = new Map(zip.members.map((member) => [plainName(member.name), member]));
  }

  /** `name`: the file's, for messages. Throws SourceError. */
  static async open(path: string, name: string): Promise<Package> {
    return new Package(await ZipFile.open(path, name));
  }

  has(part: string): boolean {
    return this.#members.has(plainName(part));
  }

  /**
   * A part's bytes in UTF-8. Throws SourceError if it is missing or damaged: the message is a
   * reason, such as "its part xl/styles.xml is missing".
   */
  async *read(part: string): AsyncGenerator<Uint8Array> {
    const member = this.#members.get(plainName(part));
    if (member === undefined) throw new SourceError(`its part ${part} is missing`);
    if (member.size > HARMLESS_BYTES && member.size > MAX_RATIO * member.packedSize) {
      throw new SourceError(
        `its part ${part} would become ${Math.round(member.size / member.packedSize)} times as ` +
          "large when it is unpacked, as nothing but a file that is made to fill disks does",
      );
    }
    try {
      yield* inUtf8(this.#zip.read(member));
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      throw new SourceError(`its part ${part} is damaged: it ${error.what}`, { cause: error });
    }
  }

  /** Reads a part as XML. Throws SourceError. */
  async scan(part: string, events: XmlEvents): Promise<void> {
    try {
      await scanXml(this.read(part), events);
    } catch (error) {
      throw ofPart(error, part);
    }
  }
}

/** An error of a part's XML, with the part's name. */
export function ofPart(error: unknown, part: string): unknown {
  if (!(error instanceof XmlError)) return error;
  return new SourceError(`its part ${part} can't be read: ${error.message}`, { cause: error });
}

function plainName(name: string): string {
  return name.replaceAll("\\", "/").replace(/^\/+/u, "").toLowerCase();
}

/** XML may be in UTF-16, and then has a byte order mark. */
async function* inUtf8(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const rest = chained(first.value, iterator);
  const [one, two] = first.value;
  const encoding = one === 0xff && two === 0xfe
    ? "utf-16le"
    : one === 0xfe && two === 0xff
    ? "utf-16be"
    : null;
  if (encoding === null) yield* rest;
  else yield* ReadableStream.from(rest).pipeThrough(utf8Stream(encoding));
}

async function* chained(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}
