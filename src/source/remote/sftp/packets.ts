/** The packets of SFTP, version 3, that reading files needs. */

/** Types of packets. */
export const INIT = 1, VERSION = 2, OPEN = 3, CLOSE = 4, READ = 5, FSTAT = 8, OPENDIR = 11;
export const READDIR = 12, STAT = 17, STATUS = 101, HANDLE = 102, DATA = 103, NAME = 104;
export const ATTRS = 105;

/** What a status says. */
export const END_OF_FILE = 1, NO_SUCH_FILE = 2, PERMISSION_DENIED = 3;

const FLAG_SIZE = 1, FLAG_OWNER = 2, FLAG_MODE = 4, FLAG_TIMES = 8, FLAG_EXTENDED = 0x80000000;
const FOLDER = 0o040000, FILE = 0o100000, KIND = 0o170000;

export interface Attributes {
  /** Bytes. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly isFile: boolean;
  readonly isFolder: boolean;
}

export class Writer {
  readonly #bytes: number[] = [];

  byte(value: number): this {
    this.#bytes.push(value);
    return this;
  }

  number(value: number): this {
    this.#bytes.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
    return this;
  }

  long(value: number): this {
    return this.number(Math.floor(value / 2 ** 32)).number(value % 2 ** 32);
  }

  text(value: string | Uint8Array): this {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    this.number(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  /** With its length in front. */
  end(): Uint8Array<ArrayBuffer> {
    const packet = new Uint8Array(4 + this.#bytes.length);
    new DataView(packet.buffer).setUint32(0, this.#bytes.length);
    packet.set(this.#bytes, 4);
    return packet;
  }
}

/** Throws RangeError for a packet that is too short. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.#view.getUint8(this.#at++);
  }

  number(): number {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }

  long(): number {
    return this.number() * 2 ** 32 + this.number();
  }

  bytes(): Uint8Array {
    const length = this.number();
    if (this.#at + length > this.#bytes.length) throw new RangeError("a packet is cut off");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  attributes(): Attributes {
    const flags = this.number();
    const size = flags & FLAG_SIZE ? this.long() : 0;
    if (flags & FLAG_OWNER) this.long();
    const mode = flags & FLAG_MODE ? this.number() & KIND : FILE;
    const [, mtime] = flags & FLAG_TIMES ? [this.number(), this.number()] : [0, 0];
    for (let more = flags & FLAG_EXTENDED ? this.number() : 0; more > 0; more--) {
      this.bytes();
      this.bytes();
    }
    return { size, mtime, isFile: mode === FILE, isFolder: mode === FOLDER };
  }
}
