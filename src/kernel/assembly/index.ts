/**
 * The kernel's interface; scripts/kernel.ts makes ../contract.ts from it. Functions change what the
 * kernel does; variables only show its state. The caller says where all lists and all output go. It
 * calls:
 *
 * - for rows of COPY: setSource; for each batch setLists, beginRows, setRoom and readPiece, and
 *   then encode until it returns Answer.end
 * - for batches and the keys of their records: setSource, setKeys, setKeyLists, setKeyRoom; for
 *   each batch beginCut, and then continueCut and hashKeys until hashKeys returns Answer.enough
 * - for either, with records from known places: readFound instead of readPiece or beginCut, and
 *   then encodeFound or hashFound until it returns Answer.end
 * - for rows of the log: setSource, setLog; for each batch setOut; for each row setStatus, logRow
 */

// The memory.
export { firstFree, Size } from "./memory";

// The source: its format, the piece that is read, the position in it, and the record read last.
export { setSource, readPiece, at, limit, lines } from "./source";
export { emptyRows, comments, fittedRows } from "./source";
export { recordStart, recordEnd, recordLine, fieldStarts, fieldEnds, fieldFlags } from "./source";

// Records of JSON: where their fields are, and what keys they have besides.
export { Lead, OtherKey, otherCount, others, PathNode, setJson } from "./json_paths";

// Records that are lines of another form.
export { FixedColumn, setCopyText, setFixed } from "./line_formats";

// The places of a piece's records. Some are left out, and some are read by the caller.
export {
  count,
  leaveOut,
  moveRecords,
  passBytes,
  Place,
  places,
  position,
  takeRecord,
} from "./records";

// Why a function that reads records has stopped.
export { Answer } from "./answer";

// Rows for COPY. The caller writes some columns and some rows.
export { setLists, beginRows, setRoom, encode } from "./encode";
export { askAlways, forgetColumn, takeColumn, failRecord, addRow, failed, good } from "./encode";
export { Automaton } from "./automaton";
export { Column, Hashing, Kind, Missing, Word } from "./column";
export { Format, FormatPart } from "./date_format";
export { Step, StepKind } from "./steps";
export { Letters } from "./letters";
export { SlugMark } from "./slug";
export { Recall, remember } from "./recall";
export { putColumnCount, putLength, putNull, putTyped } from "./binary";
export { BinaryType } from "./binary_type";
export { setOut, wrote, out } from "./output";

// Batches, and the keys of their records.
export { setKeys, setKeyLists, setKeyRoom, Key } from "./keys";
export { beginCut, continueCut, hashKeys, passRecord } from "./keys";

// Records whose values look like swallowed rows, and those that repeat the header.
export { setHeader, suspects, suspectLine, repeats, repeatLine } from "./suspects";

// Records from known places.
export { readFound, encodeFound, hashFound, begun } from "./found";

// The hash of a key whose values the caller has.
export { beginHash, addBytes, addNull, endHash } from "./hash";

// The filter of keys that were seen.
export { setFilter, addKeys, hasKey } from "./filter";

// Rows of the log.
export { setLog, setStatus, logRow } from "./log";
