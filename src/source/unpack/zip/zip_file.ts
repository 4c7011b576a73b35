/** A zip archive: what is in it, and the bytes of one member. Also XLSX files are zip archives. */
import { crc32 } from "node:zlib";
import { SourceError } from "../../error.ts";
import { Input } from "../../file/input.ts";
import { Damaged } from "../damaged.ts";
import { inflate } from "../inflate.ts";
import { viewOf } from "../view.ts";
import { LOCAL_BYTES, readDirectory, type ZipMember } from "./directory.ts";

export type { ZipMember } from "./directory.ts";

const STORED = 0, DEFLATED = 8;
/** What other programs can pack with. */
const OTHER_METHODS: Readonly<Record<number, string>> = {
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "zstd",
  95: "xz",
  98: "PPMd",
  99: "AES encryption",
};
const LOCAL = 0x04034b50;
const PIECE_BYTES = 128 * 1024;

export class ZipFile {
  readonly #path: string;
  readonly #name: string;
  readonly #size: number;
  /** In the order of the archive's list, folders included. */
  readonly members: readonly ZipMember[];

  private constructor(path: string, name: string, size: number, members: readonly ZipMember[]) {
    this.#path = path;
    this.#name = name;
    this.#size = size;
    this.members = members;
  }

  /**
   * `name`: the archive's, for messages. Throws SourceError if the list of its members can't be
   * read, or isn't to be trusted.
   */
  static async open(path: string, name: string): Promise<ZipFile> {
    const { size } = await Deno.stat(path);
    return new ZipFile(path, name, size, await readDirectory(path, size, name));
  }

  /** Null if there is no member of that name. */
  find(name: string): ZipMember | null {
    return this.members.find((member) => member.name === name && !member.isFolder) ?? null;
  }

  /**
   * The bytes of a member, piece by piece, in constant memory: never more than the list says. Several
   * may be read at the same time. Throws SourceError before the first if it can't be read, and Damaged
   * after the last that is right.
   */
  async *read(member: ZipMember): AsyncGenerator<Uint8Array> {
    this.#refuseUnreadable(member);
    using input = await this.#open(member);
    const pieces = member.method === STORED ? stored(input) : inflate(input);
    let [size, crc] = [0, 0];
    for await (const piece of pieces) {
      const rest = member.size - size;
      const expected = piece.length > rest ? piece.subarray(0, rest) : piece;
      size += expected.length;
      crc = crc32(expected, crc);
      yield expected;
      if (expected.length < piece.length) {
        throw new Damaged("is longer than its archive says", input.position);
      }
    }
    if (size < member.size) throw new Damaged("breaks off", input.position);
    if (crc !== member.crc) {
      throw new Damaged("doesn't fit its checksum", input.position, true);
    }
  }

  #refuseUnreadable({ name, method, isEncrypted }: ZipMember): void {
    const why = isEncrypted
      ? "is encrypted. Unpack it with its password."
      : method === STORED || method === DEFLATED
      ? null
      : `is packed with ${OTHER_METHODS[method] ?? `method ${method}`}, which isn't supported. ` +
        "Unpack it, or zip it as usual (deflate).";
    if (why !== null) {
      throw new SourceError(
        `Cannot import ${this.#name}: its member ${JSON.stringify(name)} ${why}`,
      );
    }
  }

  /** At the member's data. */
  async #open({ name, headerAt, packedSize }: ZipMember): Promise<Input> {
    using input = await Input.open(this.#path, headerAt, this.#size);
    const header = await input.read(LOCAL_BYTES);
    const view = viewOf(header);
    const isThere = header.length === LOCAL_BYTES && view.getUint32(0, true) === LOCAL;
    const start = isThere
      ? headerAt + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
      : this.#size;
    if (start + packedSize > this.#size) {
      throw new SourceError(
        `Cannot import ${this.#name}: the zip archive is damaged: its member ` +
          `${
            JSON.stringify(name)
          } isn't where its list says. Get it again from where it comes from.`,
      );
    }
    return await Input.open(this.#path, start, start + packedSize);
  }
}

async function* stored(input: Input): AsyncGenerator<Uint8Array> {
  for (;;) {
    const piece = await input.read(PIECE_BYTES);
    if (piece.length === 0) return;
    yield piece;
  }
}
