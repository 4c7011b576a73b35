/**
 * What the caller sees; scripts/kernel.ts makes ../contract.ts from it. Functions change what the
 * kernel does, variables only say where it stands. All lists, and all that is written, lie where
 * the caller says. It calls:
 *
 * - for rows of COPY: setSource; for each batch setLists, beginRows, setRoom and readPiece, and
 *   then encode until that returns Answer.end
 * - for batches and the keys of their records: setSource, setKeys, setKeyLists, setScratch; for
 *   each batch beginCut, and then continueCut and hashKeys until that returns Answer.enough
 * - for either, of records that were found before: readFound in place of readPiece or beginCut, and
 *   then encodeFound or hashFound until that returns Answer.end
 * - for rows of the log: setSource, setLog; for each batch setOut; for each row setStatus, logRow
 */

// The memory.
export { firstFree, Size } from "./memory";

// The source: how it is written, which piece of it is read, where, and the record read last.
export { setSource, readPiece, at, limit, lines } from "./source";
export { recordStart, recordEnd, recordLine, fieldStarts, fieldEnds, fieldFlags } from "./source";

// The records of a piece: where they stand. Some are left out, some read by the caller.
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

// Why a function that goes through records has stopped.
export { Answer } from "./answer";

// Rows for COPY. Some columns, and some rows, are written by the caller.
export { setLists, beginRows, setRoom, encode } from "./encode";
export { takeColumn, failRecord, addRow, failed, good } from "./encode";
export { Column, Hashing, Kind, Word } from "./column";
export { BinaryType, putColumnCount, putLength, putNull, putTyped } from "./binary";
export { setOut, wrote, out } from "./output";

// Batches, and the keys of their records.
export { setKeys, setKeyLists, setScratch, Key } from "./keys";
export { beginCut, continueCut, hashKeys, passRecord } from "./keys";

// Records that were found before.
export { readFound, encodeFound, hashFound, begun } from "./found";

// The hash of a key whose values the caller has.
export { beginHash, addBytes, addNull, endHash } from "./hash";

// The filter of keys that were seen.
export { setFilter, addKeys, hasKey } from "./filter";

// Rows of the log.
export { setLog, setStatus, logRow, Name } from "./log";
