/** Settles a file's encoding: by its mark, by the definition, or by a guess, which is then told. */
import {
  byteOrderMark,
  endOfWholeCharacters,
  isAscii,
  isIso2022Jp,
  isUtf32,
  isUtf8,
  isUtf8Piece,
  utf16WithoutMark,
} from "./encoding.ts";
import { SourceError } from "../error.ts";
import {
  type GuessedEncoding,
  guessEncoding,
  LEAST_FIT,
  wordThatDiffers,
} from "./guess_encoding.ts";
import { decoderOf } from "./decoder.ts";
import { readUpTo } from "../file/range.ts";
import { Utf8Evidence } from "./utf8_evidence.ts";

export interface ChosenEncoding {
  /** A canonical name (importer/encoding_names.ts). */
  readonly encoding: string;
  /** Length of the byte order marks at the beginning, which are not data. */
  readonly bomBytes: number;
  /** What the user should know, in whole sentences. */
  readonly notes: readonly string[];
}

interface OpenedFile {
  readonly path: string;
  /** Its name in messages. */
  readonly name: string;
  readonly size: number;
  /** Its first bytes. */
  readonly sample: Uint8Array;
}

/**
 * A byte order mark overrides the definition, and the definition overrides detection. `wanted`: a
 * canonical name, or `auto`. Throws SourceError.
 */
export async function chooseEncoding(file: OpenedFile, wanted: string): Promise<ChosenEncoding> {
  const { sample, name } = file;
  if (isUtf32(sample)) {
    throw new SourceError(`Cannot import ${name}: it is in UTF-32. Save it as UTF-8.`);
  }
  const mark = byteOrderMark(sample);
  if (mark !== null) {
    const contradicts = wanted !== "auto" && wanted !== mark.encoding;
    return {
      ...mark,
      notes: contradicts
        ? [`Read as ${mark.encoding}, as its byte order mark says, and not as ${wanted}.`]
        : [],
    };
  }
  if (wanted !== "auto") return asTold(wanted, sample);
  const wide = utf16WithoutMark(sample);
  if (wide !== null) {
    return {
      encoding: wide,
      bomBytes: 0,
      notes: [`Read as ${wide}, which its bytes look like. It has no byte order mark.`],
    };
  }
  if (isIso2022Jp(sample)) {
    const notes = ["Read as iso-2022-jp, since it has the escape sequences of that encoding."];
    return { encoding: "iso-2022-jp", bomBytes: 0, notes };
  }
  if (await looksUtf8(file)) return { encoding: "utf-8", bomBytes: 0, notes: [] };
  return judge(await collectEvidence(file));
}

function asTold(wanted: string, sample: Uint8Array): ChosenEncoding {
  const encoding = canonical(wanted);
  const isUnicode = encoding.startsWith("utf-");
  const mistaken = !isUnicode && !isAscii(sample) && isUtf8Piece(sample);
  const notes = mistaken
    ? [`Read as ${encoding}, as the definition or --encoding says, but its bytes are valid UTF-8.`]
    : [];
  return { encoding, bomBytes: 0, notes };
}

function canonical(encoding: string): string {
  try {
    return decoderOf(encoding).encoding;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SourceError(
      `Cannot read the file as ${JSON.stringify(encoding)}: there is no such encoding. ` +
        "Use auto, or a name such as utf-8, windows-1252 or utf-16le.",
    );
  }
}

/** How many pieces of a large file are looked at, and their size. */
const PIECES = 16;
const PIECE_BYTES = 64 * 1024;

/** If the first bytes say nothing, being ASCII, some pieces of the rest are looked at as well. */
async function looksUtf8({ path, size, sample }: OpenedFile): Promise<boolean> {
  if (!isUtf8(sample.subarray(0, endOfWholeCharacters(sample)))) return false;
  if (sample.length >= size) return endOfWholeCharacters(sample) === sample.length;
  if (!isAscii(sample)) return true;
  const rest = size - sample.length - PIECE_BYTES;
  for (let piece = 1; piece <= PIECES; piece++) {
    const start = sample.length + Math.max(0, Math.floor(rest * piece / PIECES));
    if (!isUtf8Piece(await readUpTo(path, start, Math.min(start + PIECE_BYTES, size)))) {
      return false;
    }
  }
  return true;
}

const READ_BYTES = 4 * 1024 * 1024;

/** Reads the whole file, which is read again anyway if it has to be converted. */
async function collectEvidence({ path, size }: OpenedFile): Promise<Utf8Evidence> {
  const evidence = new Utf8Evidence();
  const buffer = new Uint8Array(READ_BYTES);
  for (let start = 0; start < size;) {
    const end = Math.min(start + READ_BYTES, size);
    const bytes = await readUpTo(path, start, end, buffer);
    if (bytes.length === 0) break;
    let length = bytes.length;
    // Runs of bytes beyond ASCII stay together, unless one is endless.
    while (end < size && length > 0 && bytes[length - 1] >= 0x80) length--;
    evidence.add(bytes.subarray(0, length === 0 ? bytes.length : length));
    start += length === 0 ? bytes.length : length;
  }
  return evidence;
}

/** What at least must be good for UTF-8 to be chosen although another encoding is plausible. */
const MOST = 0.5;
const SOME = 0.1;
/** An encoding that fits this well explains all of the text: with one byte for a letter, with two. */
const PERFECT_FIT = [0.97, 0.95] as const;

/**
 * As UTF-8, a file's damaged rows fail, and everybody sees it. In another encoding, its good rows
 * would be garbled, and nobody would. So UTF-8 needs less evidence.
 */
export function judge(evidence: Utf8Evidence): ChosenEncoding {
  const { good, pairs, cut } = evidence;
  const broken = evidence.broken + (good === 0 ? cut : 0);
  const utf8 = (notes: readonly string[]) => ({ encoding: "utf-8", bomBytes: 0, notes });
  if (broken === 0) return utf8([]);
  const share = good / (good + broken);
  const guess = guessEncoding(evidence.lines());
  const explainsAll = guess.fit >= PERFECT_FIT[guess.usesTwoBytes ? 1 : 0];
  // Chinese characters, for example, look like UTF-8 by chance if they stand alone.
  const byChance = good === pairs && guess.usesTwoBytes && explainsAll;
  if (share >= MOST && !byChance) return utf8([]);
  if (share >= SOME && !explainsAll) {
    return utf8([
      `Read as UTF-8, although only ${good} of ${good + broken} places beyond ASCII are valid. ` +
      "The rows with the others fail. If it is in another encoding, name it with --encoding, or " +
      "as `encoding` in the definition.",
    ]);
  }
  return { encoding: guess.encoding, bomBytes: 0, notes: [describeGuess(guess, evidence)] };
}

function describeGuess(guess: GuessedEncoding, evidence: Utf8Evidence): string {
  const { encoding, rival, fit } = guess;
  const sentences = [`Read as ${encoding}, since it is not UTF-8.`];
  if (evidence.good > 0 && !guess.usesTwoBytes) {
    sentences.push(`But it looks like UTF-8 on line ${evidence.firstGoodLine}.`);
  }
  if (evidence.good === 0 && evidence.cut > 0 && evidence.broken === 0) {
    sentences.push(`But on line ${evidence.firstCutLine}, it could be UTF-8 that was cut off.`);
  }
  if (fit < LEAST_FIT) {
    sentences.push("Its text doesn't look like any encoding that can be recognised.");
  } else if (rival !== null) {
    const [here, there] = wordThatDiffers(evidence.lines(), encoding, rival);
    sentences.push(
      `It could also be ${rival}: then ${JSON.stringify(here)} is ${JSON.stringify(there)}.`,
    );
  }
  sentences.push("If letters are wrong, name the encoding with --encoding, or in the definition.");
  return sentences.join(" ");
}
