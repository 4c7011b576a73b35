/**
 * Writes a zip archive piece by piece, without knowing sizes beforehand: each member is followed by
 * its size and checksum.
 */
import { constants, crc32, deflateRaw } from "node:zlib";
import { promisify } from "node:util";

const deflate = promisify(deflateRaw);

/** Sizes and places have 4 bytes. A larger archive would be in zip64, which few spreadsheets read. */
const MOST_BYTES = 0xffff_ffff;

/** Ends each piece at a whole byte, so that pieces of one member follow one another. */
const PIECE = { finishFlush: constants.Z_SYNC_FLUSH } as const;
/** An empty last block. */
const LAST_BLOCK = Uint8Array.of(0x03, 0x00);

/** Sizes and checksum follow; the name is in UTF-8. */
const FLAGS = 0x0808;
const VERSION = 20;
const DEFLATED = 8;
/** 1 January 1980: equal rows make equal files. */
const DOS_DATE = 0x21;

/** The archive, or a member of it, would be over 4 GB. */
export class ZipTooLarge extends Error {
  override readonly name = "ZipTooLarge";
}

interface Member {
  readonly name: Uint8Array;
  readonly offset: number;
  crc: number;
  packed: number;
  plain: number;
}

export class ZipWriter {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #members: Member[] = [];
  #length = 0;

  /** Waits for `write`. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** A small member, at once. */
  async add(name: string, text: string): Promise<void> {
    await this.begin(name);
    await this.append(text);
    await this.end();
  }

  async begin(name: string): Promise<void> {
    const member = {
      name: encoder.encode(name),
      offset: this.#length,
      crc: 0,
      packed: 0,
      plain: 0,
    };
    this.#members.push(member);
    await this.#put(concat([fields(4, 0x04034b50), ...commonFields(member, false), member.name]));
  }

  /** Throws ZipTooLarge, and what `write` throws. */
  async append(text: string): Promise<void> {
    const member = this.#members[this.#members.length - 1];
    const bytes = encoder.encode(text);
    if (bytes.length === 0) return;
    member.crc = crc32(bytes, member.crc);
    member.plain += bytes.length;
    if (member.plain > MOST_BYTES) throw new ZipTooLarge("a member would be over 4 GB");
    const packed = await deflate(bytes, PIECE);
    member.packed += packed.length;
    await this.#put(packed);
  }

  async end(): Promise<void> {
    const member = this.#members[this.#members.length - 1];
    member.packed += LAST_BLOCK.length;
    const { crc, packed, plain } = member;
    await this.#put(
      concat([LAST_BLOCK, fields(4, 0x08074b50, crc, packed, plain)]),
    );
  }

  /** The list of members, which ends the archive. */
  async finish(): Promise<void> {
    const start = this.#length;
    for (const member of this.#members) {
      await this.#put(concat([
        fields(4, 0x02014b50),
        fields(2, VERSION),
        ...commonFields(member, true),
        // No comment, first disk, no attributes.
        fields(2, 0, 0, 0),
        fields(4, 0, member.offset),
        member.name,
      ]));
    }
    const count = this.#members.length;
    await this.#put(concat([
      fields(4, 0x06054b50),
      fields(2, 0, 0, count, count),
      fields(4, this.#length - start, start),
      fields(2, 0),
    ]));
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#length += bytes.length;
    if (this.#length > MOST_BYTES) throw new ZipTooLarge("the archive would be over 4 GB");
    await this.#write(bytes);
  }
}

/** What a member's own header and its line in the list have in common. */
function commonFields({ name, crc, packed, plain }: Member, isKnown: boolean): Uint8Array[] {
  return [
    fields(2, VERSION, FLAGS, DEFLATED, 0, DOS_DATE),
    fields(4, ...isKnown ? [crc, packed, plain] : [0, 0, 0]),
    fields(2, name.length, 0),
  ];
}

/** Numbers of so many bytes each, the lowest first. */
function fields(bytes: 2 | 4, ...numbers: readonly number[]): Uint8Array {
  const out = new DataView(new ArrayBuffer(bytes * numbers.length));
  for (const [i, number] of numbers.entries()) {
    if (bytes === 2) out.setUint16(2 * i, number, true);
    else out.setUint32(4 * i, number, true);
  }
  return new Uint8Array(out.buffer);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const encoder = new TextEncoder();
