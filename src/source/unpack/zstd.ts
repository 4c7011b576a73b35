/**
 * Unpacks zstd data. The decoder knows neither where a file breaks off nor that several frames may
 * follow one another, so the frames are taken apart here, down to their blocks.
 */
import { createZstdDecompress } from "node:zlib";
import { SourceError } from "../error.ts";
import type { Input } from "../file/input.ts";
import { Damaged } from "./damaged.ts";
import { viewOf } from "./view.ts";

const MAGIC = 0xfd2fb528;
/** Frames to skip have one of 16 numbers. */
const SKIPPED_MAGIC = 0x184d2a50, SKIPPED_MASK = 0xfffffff0;
const MAX_BLOCK_BYTES = 128 * 1024;
/** The decoder keeps so much of what it has unpacked. More is only asked for by `zstd --long=28`. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

const OPTIONS = {
  chunkSize: 2 * MAX_BLOCK_BYTES,
  // Else it waits to be read in the middle of a block.
  readableHighWaterMark: 4 * MAX_BLOCK_BYTES,
};

/** `name`: the file's. Throws SourceError before the first byte, and Damaged after the last. */
export async function* unzstd(input: Input, name: string): AsyncGenerator<Uint8Array> {
  using decoder = new Decoder();
  for (let isFirst = true;; isFirst = false) {
    const at = input.position;
    const start = await input.read(4);
    if (start.length === 0 && !isFirst) return;
    const magic = start.length < 4 ? 0 : viewOf(start).getUint32(0, true);
    if (((magic & SKIPPED_MASK) >>> 0) === SKIPPED_MAGIC) {
      const size = viewOf(await exactly(input, 4)).getUint32(0, true);
      if (input.left < size) throw brokenOff(input);
      input.position += size;
    } else if (magic === MAGIC) {
      yield* unpackFrame(input, at, name, decoder);
      decoder.endFrame();
    } else if (start.length < 4) {
      throw brokenOff(input);
    } else throw new Damaged("goes on with something else than zstd data", at, true);
  }
}

async function* unpackFrame(
  input: Input,
  at: number,
  name: string,
  decoder: Decoder,
): AsyncGenerator<Uint8Array> {
  const { hasChecksum } = await readFrameHeader(input, name);
  const headerEnd = input.position;
  input.position = at;
  yield* await decoder.decode(await input.read(headerEnd - at), at);
  for (let isLast = false; !isLast;) {
    const blockAt = input.position;
    const [a, b, c] = await exactly(input, 3);
    isLast = (a & 1) !== 0;
    const size = (a | b << 8 | c << 16) >> 3;
    const isRepeated = (a >> 1 & 3) === 1;
    if (size > MAX_BLOCK_BYTES || (a >> 1 & 3) === 3) {
      throw new Damaged("can't be unpacked", blockAt);
    }
    await exactly(input, isRepeated ? 1 : size);
    const blockEnd = input.position;
    input.position = blockAt;
    yield* await decoder.decode(await input.read(blockEnd - blockAt), blockAt);
  }
  if (!hasChecksum) return;
  const sumAt = input.position;
  const sum = await exactly(input, 4);
  try {
    yield* await decoder.decode(sum, sumAt);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    throw new Damaged("doesn't fit its checksum", sumAt, input.left === 0);
  }
}

/** The input stands after the magic number. */
async function readFrameHeader(input: Input, name: string): Promise<{ hasChecksum: boolean }> {
  const [flags] = await exactly(input, 1);
  const isSingle = (flags & 0x20) !== 0;
  const windowByte = isSingle ? null : (await exactly(input, 1))[0];
  const dictionaryBytes = [0, 1, 2, 4][flags & 3];
  const dictionary = await exactly(input, dictionaryBytes);
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6];
  const size = viewOf(await exactly(input, sizeBytes));
  if (dictionary.some((byte) => byte !== 0)) {
    throw new SourceError(
      `Cannot import ${name}: it was packed by zstd with a dictionary, which isn't supported. ` +
        "Pack it without one.",
    );
  }
  const window = windowByte === null ? contentSize(size) : windowSize(windowByte);
  if (window > MAX_WINDOW_BYTES) {
    const megabytes = Math.ceil(window / (1024 * 1024)).toLocaleString("en-US");
    throw new SourceError(
      `Cannot import ${name}: to unpack it, zstd needs ${megabytes} MB of memory at once, and at ` +
        "most 128 are allowed. Pack it again, without --long or with --long=27.",
    );
  }
  return { hasChecksum: (flags & 4) !== 0 };
}

function windowSize(byte: number): number {
  const base = 2 ** (10 + (byte >> 3));
  return base + base / 8 * (byte & 7);
}

function contentSize(field: DataView): number {
  switch (field.byteLength) {
    case 1:
      return field.getUint8(0);
    case 2:
      return field.getUint16(0, true) + 256;
    case 4:
      return field.getUint32(0, true);
    default:
      return Number(field.getBigUint64(0, true));
  }
}

/** Throws Damaged if the input ends before. */
async function exactly(input: Input, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await input.read(size);
  if (bytes.length < size) throw brokenOff(input);
  return bytes;
}

function brokenOff(input: Input): Damaged {
  return new Damaged("breaks off", input.position);
}

/**
 * Decodes frames, given a block at a time. Of one block, all that comes out fits into the decoder's
 * buffer, or else is only fetched: so Deno 2.8 throws the decoder's errors while it takes the block, and
 * not later, where nobody could catch them.
 */
class Decoder implements Disposable {
  #engine = createZstdDecompress(OPTIONS);

  /** `at`: where these bytes are. Throws Damaged if they can't be unpacked. */
  async decode(bytes: Uint8Array, at: number): Promise<Uint8Array[]> {
    try {
      await this.#take(bytes);
    } catch {
      throw new Damaged("can't be unpacked", at);
    }
    const decoded: Uint8Array[] = [];
    for (let chunk = this.#engine.read(); chunk !== null; chunk = this.#engine.read()) {
      decoded.push(chunk);
    }
    return decoded;
  }

  endFrame(): void {
    this.#engine.destroy();
    this.#engine = createZstdDecompress(OPTIONS);
  }

  #take(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#engine.once("error", reject);
      this.#engine.write(bytes, () => {
        this.#engine.off("error", reject);
        resolve();
      });
    });
  }

  [Symbol.dispose](): void {
    this.#engine.on("error", () => {/* it was told */});
    this.#engine.destroy();
  }
}
