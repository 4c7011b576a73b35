/** Makes a plain copy of a packed file, in storage. */
import { basename } from "node:path";
import { SAMPLE_BYTES } from "../encoding/encoding.ts";
import { SourceError, TooLarge } from "../error.ts";
import { Input } from "../file/input.ts";
import { readUpTo } from "../file/range.ts";
import { store } from "../file/spool.ts";
import { Damaged } from "./damaged.ts";
import { gunzip } from "./gzip.ts";
import { unpackLimit } from "./limits.ts";
import { otherPacking, type Packing, packingOf } from "./packing.ts";
import { unzstd } from "./zstd.ts";
import { chooseMember } from "./zip/choose_member.ts";
import { isDocument } from "./zip/is_document.ts";
import { ZipFile } from "./zip/zip_file.ts";

/** A packed file in a packed file, such as `data.csv.gz` in a zip archive. */
const MAX_LAYERS = 2;

export interface UnpackRequest {
  readonly path: string;
  /** The file's name, as the user knows it. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Which member of a zip archive is meant: a name or a pattern. */
  readonly member: string | null;
  readonly folder: string;
  /** Bytes that it may become; null: as many as a table may need. */
  readonly maxUnpacked: number | null;
  /** Only so many bytes are wanted, because nobody looks at more; null: all. */
  readonly beginning: number | null;
  /** The file ends anywhere, since it is another one's first bytes. */
  readonly isBeginning: boolean;
}

/** Where packed data breaks off, or what is wrong with them. */
export interface Broken {
  /** Completes "the file …". */
  readonly what: string;
  /** Byte of the packed file, and how many it has. */
  readonly at: number;
  readonly of: number;
  /** Nothing is missing, but it may not be what was packed. */
  readonly isWhole: boolean;
}

export interface Unpacked {
  /** The plain copy. */
  readonly path: string;
  /** What it would be called. */
  readonly name: string;
  /** How it was unpacked, such as `members.csv, unpacked from orders.zip`. */
  readonly how: string;
  /** What is left out, in sentences. */
  readonly notes: readonly string[];
  readonly broken: Broken | null;
  /** It has more, which wasn't wanted or isn't there. */
  readonly isCut: boolean;
}

/**
 * Null if the file is not packed. Throws SourceError, and StorageError if there is no room for the copy;
 * then no copy is left.
 */
export async function unpack(request: UnpackRequest): Promise<Unpacked | null> {
  let unpacked: Unpacked | null = null;
  let from = request;
  try {
    for (let layer = 0;; layer++) {
      const sample = await readUpTo(from.path, 0, Math.min(SAMPLE_BYTES, from.size));
      const packing = await packingToUndo(sample, from);
      if (packing === null) return unpacked;
      if (layer === MAX_LAYERS) {
        throw refusal(request.name, "it is packed more than twice. Unpack it.");
      }
      const next = await unpackLayer(packing, from);
      await removeCopy(unpacked);
      unpacked = joined(unpacked, next);
      const { size } = await Deno.stat(next.path);
      from = { ...from, path: next.path, name: next.name, size, isBeginning: unpacked.isCut };
    }
  } catch (error) {
    await removeCopy(unpacked);
    throw error;
  }
}

async function removeCopy(unpacked: Unpacked | null): Promise<void> {
  if (unpacked !== null) await Deno.remove(unpacked.path);
}

async function packingToUndo(
  sample: Uint8Array,
  { path, name }: UnpackRequest,
): Promise<Packing | null> {
  const other = otherPacking(sample);
  if (other !== null) {
    throw refusal(
      name,
      `it is ${other}, which isn't unpacked here. Unpack it, or pack it with gzip, zstd or zip.`,
    );
  }
  const packing = packingOf(sample);
  return packing === "zip" && await isDocument(path, name, sample) ? null : packing;
}

/** What two layers are together. */
function joined(outer: Unpacked | null, inner: Unpacked): Unpacked {
  if (outer === null) return inner;
  return {
    ...inner,
    how: `${outer.how}, ${inner.how}`,
    notes: [...outer.notes, ...inner.notes],
    broken: outer.broken ?? inner.broken,
    isCut: outer.isCut || inner.isCut,
  };
}

/** Bytes, and what is found out on the way. */
interface Layer {
  readonly name: string;
  readonly how: string;
  readonly notes: string[];
  readonly bytes: AsyncIterable<Uint8Array>;
}

async function unpackLayer(packing: Packing, from: UnpackRequest): Promise<Unpacked> {
  const { folder, beginning, isBeginning, maxUnpacked, size } = from;
  const limit = await unpackLimit(size, maxUnpacked, folder);
  using input = await Input.open(from.path, 0, size);
  const layer = packing === "zip" ? await zipLayer(from) : streamLayer(packing, input, from);
  const end = { broken: null as Broken | null, isCut: false };
  const wanted = beginning ?? Infinity;
  async function* rightBytes() {
    let left = wanted;
    try {
      for await (const bytes of layer.bytes) {
        yield bytes.subarray(0, left);
        left -= bytes.length;
        end.isCut = left < 0;
        if (left < 0) return;
      }
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      const { what, at, isWhole } = error;
      if (isBeginning) end.isCut = true;
      else end.broken = { what, at, of: size, isWhole };
    }
  }
  try {
    const { path } = await store(rightBytes(), folder, ".csv", limit.bytes);
    const { name, how, notes } = layer;
    return { path, name, how, notes, ...end };
  } catch (error) {
    throw error instanceof TooLarge ? limit.failure(from.name) : error;
  }
}

function streamLayer(packing: "gzip" | "zstd", input: Input, { name }: UnpackRequest): Layer {
  const notes: string[] = [];
  const bytes = packing === "gzip"
    ? gunzip(input, (note) => notes.push(note))
    : unzstd(input, name);
  const plain = name.replace(/\.(?:gz|gzip|zst|zstd)$/iu, "");
  return { name: plain === "" ? name : plain, how: `unpacked with ${packing}`, notes, bytes };
}

async function zipLayer({ path, name, member: wanted }: UnpackRequest): Promise<Layer> {
  const zip = await ZipFile.open(path, name);
  const { member, note } = chooseMember(zip.members, wanted, name);
  return {
    name: `${name}/${member.name}`,
    how: `${member.name}, unpacked from ${basename(name)}`,
    notes: note === null ? [] : [note],
    bytes: zip.read(member),
  };
}

function refusal(name: string, why: string): SourceError {
  return new SourceError(`Cannot import ${name}: ${why}`);
}
