/** Writes one column of the record that was read last. */
import { FIELD_NOT_ASCII } from "../../source/field_flags";
import { Automaton, hasMatch } from "./automaton";
import { putNull as putBinaryNull, putTyped } from "./binary";
import { Column, Kind, Missing } from "./column";
import { putNull, putPlain, putText } from "./copy";
import { takeField } from "./field";
import { isJson } from "./json";
import { binary, out, valueLimit } from "./output";
import { readValue } from "./read_value";
import { clearScratch } from "./scratch";
import { fieldFlags } from "./source";
import { changeText, join } from "./steps";
import { isNull, setNull, setText, textEnd, textStart } from "./text";
import { valueEnd, valueStart } from "./value";
import { hasLength } from "./values";
import { isAscii } from "./vectors";
import { findWord } from "./words";

/** Writes a column. Returns false, with nothing written, if the caller must write it. */
export function writeColumn(column: Column): bool {
  if (column.kind == Kind.caller) return false;
  if (column.kind == Kind.constant) {
    putPlain(column.value, column.value + column.valueLength);
    return true;
  }
  clearScratch();
  const field = load<u32>(column.fields);
  if (column.fieldCount > 1) {
    if (!joinFields(column)) return false;
  } else if (!takeField(column, field)) {
    return false;
  }
  if (column.isChanged) {
    if (!changeText(column)) return false;
    const length = textEnd - textStart;
    // Its bytes may all have to be escaped.
    if (!isNull && out + length + length > valueLimit) return false;
    if (!isNull && column.isAscii && !isAscii(textStart, textEnd)) return false;
  } else if (column.isAscii && (load<u8>(fieldFlags + field) & FIELD_NOT_ASCII) != 0) {
    return false;
  }
  if (isNull) return putMissing(column);
  return fitsPatterns(column) && putValue(column, textStart, textEnd);
}

/** Joins the fields that have a value. */
function joinFields(column: Column): bool {
  let from: usize = 0;
  let to: usize = 0;
  for (let f: u32 = 0; f < column.fieldCount; f++) {
    if (!takeField(column, load<u32>(column.fields + (f << 2)))) return false;
    if (isNull) continue;
    if (from != 0) {
      const lastFrom = textStart;
      const lastTo = textEnd;
      if (!join(from, to, column.separator, column.separator + column.separatorLength)) return false;
      if (!join(textStart, textEnd, lastFrom, lastTo)) return false;
    }
    from = textStart;
    to = textEnd;
  }
  if (from == 0) setNull();
  else setText(from, to);
  return true;
}

// @ts-ignore: decorator
@inline
function fitsPatterns(column: Column): bool {
  for (let p: u32 = 0; p < column.patternCount; p++) {
    const automaton = changetype<Automaton>(load<u32>(column.patterns + (p << 2)));
    if (!hasMatch(automaton, textStart, textEnd)) return false;
  }
  return true;
}

function putMissing(column: Column): bool {
  if (column.missing == Missing.caller) return false;
  if (column.missing == Missing.constant) putPlain(column.value, column.value + column.valueLength);
  else if (binary) putBinaryNull();
  else putNull();
  return true;
}

function putValue(column: Column, start: usize, end: usize): bool {
  if (!hasLength(column, start, end)) return false;
  switch (column.kind) {
    case Kind.text:
      return putAnyText(column, start, end);
    case Kind.one_of:
      return findWord(column.words, column.wordCount, start, end) != null &&
        putAnyText(column, start, end);
    case Kind.json:
      return isJson(start, end) && putAnyText(column, start, end);
    default:
      return readValue(column, start, end) &&
        valueEnd - valueStart <= <usize> column.longestWritten &&
        putPlainValue(column, valueStart, valueEnd);
  }
}

/** Writes a value that needs no escaping. Returns false if it has no binary form. */
// @ts-ignore: decorator
@inline
function putPlainValue(column: Column, start: usize, end: usize): bool {
  if (binary) return putTyped(column.type, start, end);
  putPlain(start, end);
  return true;
}

// @ts-ignore: decorator
@inline
function putAnyText(column: Column, start: usize, end: usize): bool {
  if (binary) return putTyped(column.type, start, end);
  putText(start, end);
  return true;
}
