/**
 * Reads delimited records, 64 bytes at a time: compares them all with the bytes that matter, to find
 * where fields begin and end. A million rows of eight columns, 92 MB, take 0.05 s; 16 bytes at a
 * time took 0.09 s, a loop over the bytes 0.25 s. source/csv/reader.ts defines what a record is, and
 * reads all unusual ones.
 */
import { FIELD_NOT_ASCII, FIELD_QUOTED } from "../../source/field_flags";
import { Answer } from "./answer";
import { isBlank, withoutCarriageReturns } from "./blanks";
import {
  before,
  belowLowest,
  BLOCK,
  blockAt,
  blockDelimiters,
  blockNewlines,
  blockOdd,
  blockStart,
  keepBlock,
  oddIn,
  same,
} from "./block";
import {
  BROKEN,
  CLOSED,
  closesAt,
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
import { isUtf8, lengthOfCharacter } from "./utf8";
import { hasByte, isAscii } from "./vectors";
import { nextCopy } from "./copy_record";
import { nextFixed } from "./fixed_record";
import { root } from "./json_paths";
import { nextJson } from "./json_record";
import { columns, copyDelimiter } from "./line_formats";

const LF: u8 = 10, CR: u8 = 13, SPACE: u8 = 32;
const QUOTED = <u8> FIELD_QUOTED;
const NOT_ASCII = <u8> FIELD_NOT_ASCII;

/** Goes to the next record; leaves `at` at its beginning unless it returns Answer.record. */
export function nextRecord(): Answer {
  const end = limit;
  if (foreign) return nextForeign();
  if (!skipLines(end)) return Answer.end;
  const start = at;
  beginRecord(start);
  // Copied to locals, because globals are read from memory each time.
  const quoteMark = quote;
  const isStrict = strict;
  const kept = expectedFields;
  const starts = fieldStarts;
  const stops = fieldEnds;

  let fields: u32 = 0;
  let linesInside: u32 = 0;
  // Of the block at `base`, without the bytes before `from`.
  let base = blockStart;
  let delimiters = blockDelimiters;
  let newlines = blockNewlines;
  let odd = blockOdd;
  if (start != blockAt) base = start - BLOCK;
  let from = start;
  for (;;) {
    if (from - base >= BLOCK) {
      base = from;
      const inside = before(base, end);
      delimiters = same(base, i8x16.splat(<i8> delimiter)) & inside;
      newlines = same(base, i8x16.splat(<i8> newline)) & inside;
      odd = oddIn(base, i8x16.splat(<i8> quoteMark)) & inside & ~(delimiters | newlines);
    }
    // Fields that end in this block, before anything odd.
    let plain = delimiters & belowLowest(newlines | odd);
    const last = fields + <u32> popcnt(plain);
    if (plain != 0 && last <= kept) {
      delimiters &= ~plain;
      for (; fields < last; fields++) {
        const stop = base + <usize> ctz(plain);
        store<u32>(starts + (fields << 2), <u32> from);
        store<u32>(stops + (fields << 2), <u32> stop);
        plain &= plain - 1;
        from = stop + 1;
      }
    }

    let flags: u8 = 0;
    let to: usize = 0;
    let stop: usize = 0;
    let isQuoted = false;
    // Letters and digits are above both, so that one comparison is enough.
    if (<i32> load<u8>(from) <= max(quoteMark, <i32> SPACE) && from < end) {
      const open = <i32> load<u8>(from) == quoteMark
        ? from
        : tolerant
        ? quoteAfterBlanks(from, end)
        : 0;
      if (open != 0) {
        const found = closesAt(open, base, delimiters, newlines, odd)
          ? CLOSED
          : readQuoted(open + 1, end);
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
      if (isStrict && (flags & NOT_ASCII) != 0 && !isUtf8(from, to)) return Answer.unusual;
      // Continue after the byte that ended the field.
      if (stop + 1 - base < BLOCK) {
        const unread = <u64> -1 << (stop + 1 - base);
        delimiters &= unread;
        newlines &= unread;
        odd &= unread;
      } else {
        base = stop + 1 - BLOCK;
      }
    } else {
      let oddHere: u64 = 0;
      let oddBefore: u64 = 0;
      let found = delimiters | newlines;
      while (found == 0) {
        oddBefore |= odd;
        base += BLOCK;
        if (base >= end) break;
        const inside = before(base, end);
        delimiters = same(base, i8x16.splat(<i8> delimiter)) & inside;
        newlines = same(base, i8x16.splat(<i8> newline)) & inside;
        found = delimiters | newlines;
        odd = oddIn(base, i8x16.splat(<i8> quoteMark)) & inside & ~found;
      }
      if (found != 0) {
        stop = base + <usize> ctz(found);
        oddHere = odd & belowLowest(found);
        const unread = ~(belowLowest(found) | found & -found);
        delimiters &= unread;
        newlines &= unread;
        odd &= unread;
      } else {
        if (!final) return Answer.incomplete;
        stop = end;
      }
      to = stop;
      if ((oddHere | oddBefore) != 0) {
        if (newline == LF && (stop == end || load<u8>(stop) == LF)) {
          to = withoutCarriageReturns(from, to);
        }
        if (isStrict) {
          const judged = oddBefore == 0 ? judge(base, oddHere, to) : judgeAll(from, to);
          if (judged == BAD) return Answer.unusual;
          flags = <u8> judged;
        }
      }
    }
    if (fields < kept) {
      store<u32>(starts + (fields << 2), <u32> from);
      store<u32>(stops + (fields << 2), <u32> to);
      store<u8>(fieldFlags + fields, flags);
    }
    fields++;
    if (stop < end && load<u8>(stop) == delimiter) {
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
    const next = stop < end ? stop + 1 : end;
    moveTo(next);
    keepBlock(next, base, delimiters, newlines, odd);
    // A last line without a line end also counts.
    countLines(linesInside + 1);
    endRecord(behind, fields);
    // Values with line breaks are rare, so this costs nothing else.
    if (linesInside != 0) judgeLines(start, recordEnd, recordLine);
    return Answer.record;
  }
}

/** The same of a record that is no delimited text. */
function nextForeign(): Answer {
  if (root != 0) return nextJson();
  if (columns != 0) return nextFixed();
  if (copyDelimiter != 0) return nextCopy();
  return at < limit ? Answer.unusual : Answer.end;
}

/** The field has a NUL, a line break of the other kind, or bytes that are no UTF-8. */
const BAD: i32 = -1;

/**
 * The flags of an unquoted field that ends at `to`, or BAD. `odd`: the bits of its odd bytes in the
 * block at `base`.
 */
function judge(base: usize, odd: u64, to: usize): i32 {
  const otherBreak = newline == LF ? CR : LF;
  let flags: i32 = 0;
  for (let bits = odd; bits != 0;) {
    const i = base + <usize> ctz(bits);
    // The CRs of a line end.
    if (i >= to) break;
    let length: usize = 1;
    if (load<u8>(i) > 127) {
      length = lengthOfCharacter(i, to);
      if (length == 0) return BAD;
      flags = NOT_ASCII;
    } else if (load<u8>(i) == 0 || load<u8>(i) == otherBreak) {
      return BAD;
    }
    bits &= <u64> -1 << (i - base + length);
  }
  return flags;
}

/** The same for a field that may lie in several blocks. */
function judgeAll(from: usize, to: usize): i32 {
  const otherBreak = newline == LF ? CR : LF;
  if (hasByte(from, to, i8x16.splat(<i8> otherBreak))) return BAD;
  if (hasByte(from, to, i8x16.splat(0))) return BAD;
  if (isAscii(from, to)) return 0;
  return isUtf8(from, to) ? NOT_ASCII : BAD;
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
