/** Bytes that are written one after the other, in room that grows. */
const FIRST_ROOM = 1024;

export class ByteBuffer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_ROOM);
  length = 0;

  /** Makes room for `count` more bytes, whoever writes them. */
  need(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + count));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    const count = to - from;
    this.need(count);
    const { bytes: own, length } = this;
    // Most pieces are so short that a loop is faster.
    if (count > 48) own.set(bytes.subarray(from, to), length);
    else for (let i = 0; i < count; i++) own[length + i] = bytes[from + i];
    this.length = length + count;
  }

  push(byte: number): void {
    this.need(1);
    this.bytes[this.length++] = byte;
  }

  /** A text of ASCII characters. */
  ascii(text: string): void {
    const { length } = text;
    this.need(length);
    for (let i = 0; i < length; i++) this.bytes[this.length + i] = text.charCodeAt(i);
    this.length += length;
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }
}
