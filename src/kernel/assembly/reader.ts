/**
 * Reads delimited records, 16 bytes at a time: compares a whole vector with the bytes that matter
 * to find where fields begin and end. 100 MB of ten columns take 0.08 s; a loop over the bytes took
 * 0.26 s. source/csv/reader.ts defines what a record is, and reads all unusual ones.
 */
import { FIELD_DOUBLED_QUOTES, FIELD_NOT_ASCII, FIELD_QUOTED } from "../../source/field_flags";
import { Answer } from "./answer";
import {
  at,
  beginRecord,
  commentMark,
  countComment,
  countEmptyRow,
  countLines,
  delimiter,
  endRecord,
  expectedFields,
  fieldEnds,
  fieldFlags,
  fieldStarts,
  fillsRows,
  final,
  foreign,
  limit,
  maxRecordBytes,
  moveTo,
  newline,
  quote,
  recordEnd,
  recordLine,
  skipsEmptyRows,
  strict,
  tolerant,
} from "./source";
import { judgeLines } from "./suspects";
import { isUtf8 } from "./utf8";

const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, SPACE: u8 = 32;
const VECTOR: usize = 16;
/** As in source/csv/dialect.ts. */
const MOST_CRS = 2;

const QUOTED = <u8> FIELD_QUOTED;
const DOUBLED_QUOTES = <u8> FIELD_DOUBLED_QUOTES;
const NOT_ASCII = <u8> FIELD_NOT_ASCII;

/** The bits of the 16 bytes at `from`, as far as they lie before `end`. */
// @ts-ignore: decorator
@inline
function within(from: usize, end: usize): i32 {
  return from + VECTOR <= end ? 0xffff : below(<i32> (end - from));
}

// @ts-ignore: decorator
@inline
function below(bit: i32): i32 {
  return (1 << bit) - 1;
}

/** The bits of the bytes that end a field, or are NUL. */
// @ts-ignore: decorator
@inline
function endsOf(vector: v128, delimiters: v128, newlines: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(vector, delimiters), i8x16.eq(vector, newlines)),
      i8x16.eq(vector, i8x16.splat(0)),
    ),
  );
}

function hasByte(from: usize, to: usize, wanted: v128): bool {
  for (let i = from; i < to; i += VECTOR) {
    if ((i8x16.bitmask(i8x16.eq(v128.load(i), wanted)) & within(i, to)) != 0) return true;
  }
  return false;
}

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextRecord(): Answer {
  const end = limit;
  if (foreign) return at < end ? Answer.unusual : Answer.end;
  if (!skipEmptyLines(end)) return Answer.end;
  const start = at;
  // Copied to locals, because globals are read from memory each time.
  const fieldEnd = delimiter;
  const lineEnd = newline;
  const quoteMark = quote;
  const isStrict = strict;
  const isTolerant = tolerant;
  const highestOpening = max(quoteMark, <i32> SPACE);
  const kept = expectedFields;
  const delimiters = i8x16.splat(<i8> fieldEnd);
  const newlines = i8x16.splat(<i8> lineEnd);
  // The other kind of line break, which has no place outside quotes.
  const breaks = i8x16.splat(<i8> (lineEnd == LF ? CR : LF));
  beginRecord(start);

  let fields: u32 = 0;
  let linesInside: u32 = 0;
  // Of the vector at `base`: the bytes that end a field, those that aren't ASCII, and line breaks of
  // the other kind, without the bytes that have been read.
  let base = start;
  let vector = v128.load(base);
  let ends = endsOf(vector, delimiters, newlines) & within(base, end);
  let wide = i8x16.bitmask(vector) & within(base, end);
  let broken = i8x16.bitmask(i8x16.eq(vector, breaks)) & within(base, end);
  let from = start;
  for (;;) {
    let flags: u8 = 0;
    let to: usize = 0;
    let stop: usize = 0;
    let isQuoted = false;
    // Letters and digits are above both, so that one comparison is enough.
    if (from < end && <i32> load<u8>(from) <= highestOpening) {
      const open = <i32> load<u8>(from) == quoteMark
        ? from
        : isTolerant
        ? quoteAfterBlanks(from, end)
        : 0;
      if (open != 0) {
        const found = readQuoted(open + 1, end);
        isQuoted = found == CLOSED;
        // After blanks, such a quote is an ordinary character.
        if (found == BROKEN && open == from) return Answer.unusual;
        if (!isQuoted && found != BROKEN) return found;
        if (isQuoted) from = open + 1;
      }
    }
    if (isQuoted) {
      flags = QUOTED | quotedFlags;
      linesInside += quotedLines;
      to = quotedEnd;
      stop = quotedStop;
      base = stop;
      if (stop < end) {
        // Continue after the byte that ended the field.
        vector = v128.load(base);
        ends = endsOf(vector, delimiters, newlines) & within(base, end) & ~1;
        wide = i8x16.bitmask(vector) & within(base, end);
        broken = i8x16.bitmask(i8x16.eq(vector, breaks)) & within(base, end);
      }
    } else {
      let isWide = 0;
      let isBroken = 0;
      for (;;) {
        if (ends != 0) {
          const bit = ctz(ends);
          isWide |= wide & below(bit);
          isBroken |= broken & below(bit);
          wide &= ~below(bit);
          broken &= ~below(bit);
          ends &= ends - 1;
          stop = base + bit;
          break;
        }
        isWide |= wide;
        isBroken |= broken;
        base += VECTOR;
        if (base >= end) {
          if (!final) return Answer.incomplete;
          stop = end;
          break;
        }
        vector = v128.load(base);
        ends = endsOf(vector, delimiters, newlines) & within(base, end);
        wide = i8x16.bitmask(vector) & within(base, end);
        broken = i8x16.bitmask(i8x16.eq(vector, breaks)) & within(base, end);
      }
      to = stop;
      if (stop < end && load<u8>(stop) == 0) {
        if (isStrict) return Answer.unusual;
        // If only record ends matter, a NUL is an ordinary byte of the field.
        continue;
      }
      if (isBroken != 0) {
        if (lineEnd == LF && (stop == end || load<u8>(stop) == LF)) {
          for (let crs = 0; crs < MOST_CRS && to > from && load<u8>(to - 1) == CR; crs++) to--;
        }
        if (isStrict && hasByte(from, to, breaks)) return Answer.unusual;
      }
      if (isWide != 0) flags |= NOT_ASCII;
    }
    if (isStrict && (flags & NOT_ASCII) != 0 && !isUtf8(from, to)) return Answer.unusual;
    if (fields < kept) {
      store<u32>(fieldStarts + (fields << 2), <u32> from);
      store<u32>(fieldEnds + (fields << 2), <u32> to);
      store<u8>(fieldFlags + fields, flags);
    }
    fields++;
    if (stop < end && load<u8>(stop) == fieldEnd) {
      from = stop + 1;
      continue;
    }
    if (stop - start >= maxRecordBytes) return Answer.unusual;
    const behind = (flags & QUOTED) != 0 ? quotedBehind : to;
    if (isStrict && fields != kept && !(fillsRows && fit(fields, behind))) return Answer.unusual;
    moveTo(stop < end ? stop + 1 : end);
    // A last line without a line end also counts.
    countLines(linesInside + 1);
    endRecord(behind, fields);
    // Values with line breaks are rare, so this costs nothing else.
    if (linesInside != 0) judgeLines(start, recordEnd, recordLine);
    return Answer.record;
  }
}

/** Adds empty fields at the record's end; false if there are surplus ones that hold something. */
function fit(fields: u32, end: usize): bool {
  const kept = expectedFields;
  for (let i = fields; i < kept; i++) {
    store<u32>(fieldStarts + (i << 2), <u32> end);
    store<u32>(fieldEnds + (i << 2), <u32> end);
    store<u8>(fieldFlags + i, 0);
  }
  if (fields < kept) return true;
  const last = kept - 1;
  let from: usize = load<u32>(fieldEnds + (last << 2));
  if ((load<u8>(fieldFlags + last) & QUOTED) != 0) from++;
  for (let i = from; i < end; i++) {
    if (load<u8>(i) != delimiter && !isBlank(load<u8>(i))) return false;
  }
  return true;
}

const CLOSED: i32 = -1;
/** It is never closed, or followed by text. */
const BROKEN: i32 = -2;
/**
 * The quoted field that was read last: its closing quote, the end of the blanks behind it, and the
 * later byte that ends it.
 */
let quotedEnd: usize = 0;
let quotedBehind: usize = 0;
let quotedStop: usize = 0;
let quotedFlags: u8 = 0;
let quotedLines: u32 = 0;

/** `from`: after the opening quote. Returns CLOSED, BROKEN or an Answer. */
function readQuoted(from: usize, end: usize): i32 {
  const quotes = i8x16.splat(<i8> quote);
  const newlines = i8x16.splat(<i8> newline);
  let flags: u8 = 0;
  let linesInside: u32 = 0;
  let i = from;
  for (;;) {
    if (i >= end) return final ? BROKEN : Answer.incomplete;
    const vector = v128.load(i);
    const found = i8x16.bitmask(i8x16.eq(vector, quotes)) & within(i, end);
    const inside = found == 0 ? within(i, end) : below(ctz(found));
    linesInside += popcnt(i8x16.bitmask(i8x16.eq(vector, newlines)) & inside);
    if ((i8x16.bitmask(vector) & inside) != 0) flags |= NOT_ASCII;
    const nuls = i8x16.bitmask(i8x16.eq(vector, i8x16.splat(0))) & inside;
    if (strict && nuls != 0) return Answer.unusual;
    if (found == 0) {
      i += VECTOR;
      continue;
    }
    i += ctz(found);
    if (i + 1 >= end || <i32> load<u8>(i + 1) != quote) break;
    flags |= DOUBLED_QUOTES;
    i += 2;
  }
  quotedEnd = i;
  quotedFlags = flags;
  quotedLines = linesInside;
  return endQuoted(i + 1, end);
}

/** Judges what follows a closing quote. */
function endQuoted(behind: usize, end: usize): i32 {
  let i = behind;
  if (tolerant) while (i < end && isBlank(load<u8>(i))) i++;
  quotedBehind = i;
  quotedStop = newline == LF ? passCarriageReturns(i, end) : i;
  if (quotedStop >= end) return final ? CLOSED : Answer.incomplete;
  const byte = load<u8>(quotedStop);
  return byte == delimiter || byte == newline ? CLOSED : BROKEN;
}

/** The quote that opens the field at `from`, which begins with blanks; 0 if there is none. */
function quoteAfterBlanks(from: usize, end: usize): usize {
  let i = from;
  while (i < end && isBlank(load<u8>(i))) i++;
  return i > from && i < end && <i32> load<u8>(i) == quote ? i : 0;
}

/** A blank that is no data outside quotes. */
// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return (byte == SPACE || byte == TAB) && byte != delimiter;
}

/** If only CRs lie between `i` and an LF or the end, the place of that; else `i`. */
function passCarriageReturns(i: usize, end: usize): usize {
  const farthest = min(end, i + MOST_CRS);
  let k = i;
  while (k < farthest && load<u8>(k) == CR) k++;
  return k == end || load<u8>(k) == LF ? k : i;
}

/** The line end after `i`, or the end. */
function endOfLine(i: usize, end: usize): usize {
  let k = i;
  while (k < end && load<u8>(k) != newline) k++;
  return k;
}

/** Where the delimiters and blanks from `i` on end, without the CRs of a line end. */
function endOfEmptyRow(i: usize, end: usize): usize {
  let k = i;
  while (k < end && (load<u8>(k) == delimiter || isBlank(load<u8>(k)))) k++;
  return newline == LF ? passCarriageReturns(k, end) : k;
}

/**
 * Passes empty lines, and others that are no records; returns false if there is nothing else before `until`. It doesn't pass a CR
 * that may be half a line end.
 */
export function skipEmptyLines(until: usize): bool {
  // Only the format's reader knows what an empty line is.
  if (foreign) return at < until;
  const end = limit;
  const mark = commentMark;
  const skipsEmpty = skipsEmptyRows;
  let i = at;
  let passed: u32 = 0;
  while (i < until) {
    const byte = load<u8>(i);
    if (byte == newline) {
      i++;
    } else if (newline == LF && byte == CR) {
      const lineEnd = passCarriageReturns(i, end);
      if (lineEnd == i || lineEnd - i >= maxRecordBytes || (lineEnd == end && !final)) break;
      i = min(lineEnd + 1, end);
    } else if (<i32> byte == mark) {
      const stop = endOfLine(i, end);
      if (stop - i >= maxRecordBytes || (stop == end && !final)) break;
      i = min(stop + 1, end);
      countComment();
    } else if (skipsEmpty && (byte == delimiter || isBlank(byte))) {
      const stop = endOfEmptyRow(i, end);
      if (stop - i >= maxRecordBytes) break;
      if (stop == end ? !final : load<u8>(stop) != newline) break;
      i = min(stop + 1, end);
      countEmptyRow();
    } else {
      break;
    }
    passed++;
  }
  moveTo(i);
  countLines(passed);
  return i < until;
}
