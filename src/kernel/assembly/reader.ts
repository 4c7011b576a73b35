/**
 * Reads delimited records, 16 bytes at a time: compares a whole vector with the bytes that matter
 * to find where fields begin and end. 100 MB of ten columns take 0.08 s; a loop over the bytes took
 * 0.26 s. source/csv/reader.ts defines what a record is, and reads all unusual ones.
 */
import { FIELD_NOT_ASCII, FIELD_QUOTED } from "../../source/field_flags";
import { Answer } from "./answer";
import { isBlank, withoutCarriageReturns } from "./blanks";
import {
  BROKEN,
  CLOSED,
  quoteAfterBlanks,
  quotedBehind,
  quotedEnd,
  quotedFlags,
  quotedLines,
  quotedStop,
  readQuoted,
} from "./quoted_field";
import { skipLines } from "./skipped_lines";
import {
  at,
  beginRecord,
  countFittedRow,
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
  strict,
  tolerant,
} from "./source";
import { judgeLines } from "./suspects";
import { isUtf8 } from "./utf8";
import { below, hasByte, VECTOR, within } from "./vectors";

const LF: u8 = 10, CR: u8 = 13, SPACE: u8 = 32;
const QUOTED = <u8> FIELD_QUOTED;
const NOT_ASCII = <u8> FIELD_NOT_ASCII;

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

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextRecord(): Answer {
  const end = limit;
  if (foreign) return at < end ? Answer.unusual : Answer.end;
  if (!skipLines(end)) return Answer.end;
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
  // Of the vector at `base`: the bytes that end a field, those that aren't ASCII, and line breaks
  // of the other kind, without the bytes that have been read.
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
          to = withoutCarriageReturns(from, to);
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
    if (fields != kept) {
      const fits = fillsRows && fit(fields, behind);
      if (isStrict && !fits) return Answer.unusual;
      if (fits) countFittedRow();
    }
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
