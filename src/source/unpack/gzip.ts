/** Unpacks gzip files: one member or several in a row, as gzip itself does. */
import { crc32 } from "node:zlib";
import type { Input } from "../file/input.ts";
import { Damaged } from "./damaged.ts";
import { inflate } from "./inflate.ts";
import { viewOf } from "./view.ts";

const MAGIC = [0x1f, 0x8b];
const DEFLATE = 8;
const HEADER_BYTES = 10, TRAILER_BYTES = 8;
const HAS_CHECKSUM = 2, HAS_EXTRA = 4, HAS_NAME = 8, HAS_COMMENT = 16, RESERVED = 0xe0;

/** Throws Damaged after the last byte. `tell` gets what is left out, in a sentence. */
export async function* gunzip(
  input: Input,
  tell: (note: string) => void,
): AsyncGenerator<Uint8Array> {
  for (let isFirst = true; isFirst || await goesOn(input, tell); isFirst = false) {
    await passHeader(input);
    let [size, crc] = [0, 0];
    const member = inflate(input);
    let next = await member.next();
    for (; !next.done; next = await member.next()) {
      size += next.value.length;
      crc = crc32(next.value, crc);
      yield next.value;
    }
    const at = input.position;
    const trailer = await input.read(TRAILER_BYTES);
    if (!next.value || trailer.length < TRAILER_BYTES) throw brokenOff(input);
    const view = viewOf(trailer);
    const isRight = view.getUint32(0, true) === crc && view.getUint32(4, true) === size % 2 ** 32;
    if (!isRight) throw new Damaged("doesn't fit its checksum", at, input.left === 0);
  }
}

/** Is there another member? Whatever else follows is no data, as it is to gzip. */
async function goesOn(input: Input, tell: (note: string) => void): Promise<boolean> {
  const at = input.position;
  const start = await input.read(2);
  if (start.length === 2 && start[0] === MAGIC[0] && start[1] === MAGIC[1]) {
    input.position = at;
    return true;
  }
  input.position = at;
  const rest = input.left;
  // Blocks of a tape, or of a disk, are filled up with NULs.
  if (rest > 0 && !await isZero(input)) {
    tell(
      `${rest === 1 ? "The last byte" : `The last ${rest} bytes`} of the file, after the end of ` +
        `the gzip data, ${rest === 1 ? "is" : "are"} no gzip data and left out.`,
    );
  }
  return false;
}

async function isZero(input: Input): Promise<boolean> {
  for (;;) {
    const bytes = await input.read(64 * 1024);
    if (bytes.length === 0) return true;
    if (bytes.some((byte) => byte !== 0)) return false;
  }
}

async function passHeader(input: Input): Promise<void> {
  const at = input.position;
  const header = await input.read(HEADER_BYTES);
  if (header.length < HEADER_BYTES) throw brokenOff(input);
  const flags = header[3];
  if (header[2] !== DEFLATE || (flags & RESERVED) !== 0) throw new Damaged("can't be unpacked", at);
  if ((flags & HAS_EXTRA) !== 0) {
    const [low, high] = await input.read(2);
    await input.read(low | high << 8);
  }
  if ((flags & HAS_NAME) !== 0) await passText(input);
  if ((flags & HAS_COMMENT) !== 0) await passText(input);
  if ((flags & HAS_CHECKSUM) !== 0) await input.read(2);
}

/** Up to its NUL. */
async function passText(input: Input): Promise<void> {
  for (;;) {
    const at = input.position;
    const bytes = await input.read(256);
    if (bytes.length === 0) return;
    const end = bytes.indexOf(0);
    if (end !== -1) {
      input.position = at + end + 1;
      return;
    }
  }
}

function brokenOff(input: Input): Damaged {
  return new Damaged("breaks off", input.position);
}
