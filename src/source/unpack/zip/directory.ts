/** Reads which members a zip archive has, from the directory at its end. */
import { readRange } from "../../file/range.ts";
import { SourceError } from "../../error.ts";
import { viewOf } from "../view.ts";
import { leadsOut, memberName } from "./member_name.ts";

export interface ZipMember {
  /** With its folders, separated by slashes. Never used as a path. */
  readonly name: string;
  /** Bytes, unpacked and packed, as the directory says. */
  readonly size: number;
  readonly packedSize: number;
  readonly crc: number;
  /** How it is packed: 0 is stored, 8 deflate. */
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly isFolder: boolean;
  /** Byte offset of the header before its data. */
  readonly headerAt: number;
}

const END = 0x06054b50, END_BYTES = 22, MAX_COMMENT = 0xffff;
const END_64 = 0x06064b50, END_64_BYTES = 56, LOCATOR_64 = 0x07064b50, LOCATOR_BYTES = 20;
const ENTRY = 0x02014b50, ENTRY_BYTES = 46;
export const LOCAL_BYTES = 30;
/** Stand for a number that is elsewhere, because it needs 64 bits. */
const ELSEWHERE_16 = 0xffff, ELSEWHERE = 0xffffffff;
const EXTRA_64 = 0x0001, EXTRA_UNICODE_PATH = 0x7075;

/** A list of 300,000 members has half of that. */
const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

/** `name`: the archive's, for messages. Throws SourceError. */
export async function readDirectory(
  path: string,
  size: number,
  name: string,
): Promise<readonly ZipMember[]> {
  const refuse = (why: string) => new SourceError(`Cannot import ${name}: ${why}`);
  const end = await findEnd(path, size, refuse);
  const view = await readView(path, end.start, end.start + end.size);
  const members: ZipMember[] = [];
  let at = 0;
  for (let i = 0; i < end.count; i++) {
    const isThere = at + ENTRY_BYTES <= view.byteLength && view.getUint32(at, true) === ENTRY;
    if (!isThere) throw refuse(DAMAGED_LIST);
    const { member, bytes } = readEntry(view, at, end.shift);
    members.push(member);
    at += bytes;
    if (at > view.byteLength) throw refuse(DAMAGED_LIST);
    if (leadsOut(member.name)) {
      throw refuse(
        `the zip archive has a member named ${JSON.stringify(member.name)}, which leads out of ` +
          "any folder. Whoever made it may mean harm; if not, zip the file again by itself.",
      );
    }
  }
  refuseOverlaps(members, end.start, refuse);
  return members;
}

type Refuse = (why: string) => SourceError;

const DAMAGED_LIST = "the zip archive is damaged: the list of its members can't be read. " +
  "Get it again from where it comes from.";

async function readView(path: string, start: number, end: number): Promise<DataView> {
  return viewOf(await readRange(path, start, end));
}

interface DirectoryPlace {
  readonly start: number;
  readonly size: number;
  readonly count: number;
  /** How many bytes come before the archive, such as a program that unpacks it. */
  readonly shift: number;
}

async function findEnd(path: string, size: number, refuse: Refuse): Promise<DirectoryPlace> {
  const from = Math.max(0, size - END_BYTES - MAX_COMMENT);
  const tail = await readView(path, from, size);
  const found = endIn(tail);
  if (found === -1) {
    throw refuse(
      "the zip archive is incomplete: the list of its members, which comes last, is missing. " +
        "Get it again from where it comes from.",
    );
  }
  const [disk, startDisk] = [tail.getUint16(found + 4, true), tail.getUint16(found + 6, true)];
  const place = {
    count: tail.getUint16(found + 10, true),
    size: tail.getUint32(found + 12, true),
    start: tail.getUint32(found + 16, true),
  };
  const needs64 = place.count === ELSEWHERE_16 || place.size === ELSEWHERE ||
    place.start === ELSEWHERE;
  const large = needs64 ? await readEnd64(path, from + found, refuse) : null;
  const isPart = large === null
    ? disk !== startDisk || disk !== 0 || tail.getUint16(found + 8, true) !== place.count
    : large.disks > 1;
  if (isPart) {
    throw refuse(
      "it is one part of a zip archive that is divided into several. " +
        "Join them (zip -s 0 parts.zip --out whole.zip), or unpack them.",
    );
  }
  return await located(path, large ?? place, large?.at ?? from + found, refuse);
}

/** Index of the last record that may be the archive's end; -1 if there is none. */
function endIn(tail: DataView): number {
  for (let at = tail.byteLength - END_BYTES; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END) continue;
    // Something may follow, such as NULs of a disk's unused blocks.
    if (at + END_BYTES + tail.getUint16(at + 20, true) <= tail.byteLength) return at;
  }
  return -1;
}

async function readEnd64(path: string, endAt: number, refuse: Refuse) {
  if (endAt < LOCATOR_BYTES) throw refuse(DAMAGED_LIST);
  const locator = await readView(path, endAt - LOCATOR_BYTES, endAt);
  // An archive of exactly 65,535 members has none.
  if (locator.getUint32(0, true) !== LOCATOR_64) return null;
  const at = uint64(locator, 8);
  if (at + END_64_BYTES > endAt) throw refuse(DAMAGED_LIST);
  const end = await readView(path, at, at + END_64_BYTES);
  if (end.getUint32(0, true) !== END_64) throw refuse(DAMAGED_LIST);
  return {
    at,
    disks: locator.getUint32(16, true),
    count: uint64(end, 32),
    size: uint64(end, 40),
    start: uint64(end, 48),
  };
}

/** `endAt`: where the directory has to end. */
async function located(
  path: string,
  { start, size, count }: Omit<DirectoryPlace, "shift">,
  endAt: number,
  refuse: Refuse,
): Promise<DirectoryPlace> {
  const shift = endAt - size - start;
  if (shift < 0 || count * ENTRY_BYTES > size) throw refuse(DAMAGED_LIST);
  if (size > MAX_DIRECTORY_BYTES) {
    throw refuse(`the zip archive has ${count} members, which are too many to list. Unpack it.`);
  }
  // Whatever comes before an archive, some programs count it in, and some don't.
  const isThere = shift === 0 || size < 4 ||
    (await readView(path, start, start + 4)).getUint32(0, true) === ENTRY;
  return isThere ? { start, size, count, shift: 0 } : { start: start + shift, size, count, shift };
}

function readEntry(view: DataView, at: number, shift: number) {
  const uint16 = (offset: number) => view.getUint16(at + offset, true);
  const uint32 = (offset: number) => view.getUint32(at + offset, true);
  const [nameBytes, extraBytes] = [uint16(28), uint16(30)];
  const bytes = ENTRY_BYTES + nameBytes + extraBytes + uint16(32);
  const after = (offset: number, length: number) => {
    const start = Math.min(view.byteLength, at + ENTRY_BYTES + offset);
    const end = Math.min(view.byteLength, start + length);
    return new Uint8Array(view.buffer, view.byteOffset + start, end - start);
  };
  const extra = after(nameBytes, extraBytes);
  let next = 0;
  const large = extraField(extra, EXTRA_64);
  /** Only numbers that are elsewhere are there, in this order. */
  const number = (offset: number) => {
    const small = uint32(offset);
    if (small !== ELSEWHERE || large === null || next + 8 > large.length) return small;
    const value = uint64(viewOf(large), next);
    next += 8;
    return value;
  };
  const name = memberName(after(0, nameBytes), extraField(extra, EXTRA_UNICODE_PATH));
  const size = number(24), packedSize = number(20), headerAt = number(42) + shift;
  const member: ZipMember = {
    name,
    size,
    packedSize,
    crc: uint32(16),
    method: uint16(10),
    isEncrypted: (uint16(8) & 1) !== 0,
    isFolder: name.endsWith("/"),
    headerAt,
  };
  return { member, bytes };
}

/** Null if there is no such field. */
function extraField(extra: Uint8Array, wanted: number): Uint8Array | null {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === wanted) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return null;
}

/** Beyond 2^53, it is no place in any file. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

/** Members that share bytes make an archive of some kilobytes as large as anybody likes. */
function refuseOverlaps(members: readonly ZipMember[], directory: number, refuse: Refuse): void {
  const inOrder = members.toSorted((a, b) => a.headerAt - b.headerAt);
  for (const [index, { name, headerAt, packedSize }] of inOrder.entries()) {
    const end = inOrder[index + 1]?.headerAt ?? directory;
    if (headerAt + LOCAL_BYTES + packedSize <= end) continue;
    throw refuse(
      `the zip archive is damaged, or made to harm: its member ${JSON.stringify(name)} overlaps ` +
        "another one. Get it again from where it comes from.",
    );
  }
}
