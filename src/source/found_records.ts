/**
 * Records from known places anywhere in the source, which were deferred or are retried. They keep
 * their row and line numbers. They are lists, not objects, because a batch has 50,000 records.
 */
export interface FoundRecords extends RecordPlaces {
  readonly count: number;
  /** The records' bytes, in order, perhaps with other bytes in between. */
  readonly bytes: Uint8Array;
}

/** The places of a list's records. */
export interface RecordPlaces {
  /** For each record, its range in the list's bytes, without the line end. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** For each record, its line in the source; then, its row number. */
  readonly lines: Float64Array;
  readonly rowNumbers: Float64Array;
}

/** The records that `isChosen` chooses by their index in the list. */
export function chooseRecords(
  found: FoundRecords,
  isChosen: (record: number) => boolean,
): FoundRecords {
  const { bytes, starts, ends, lines, rowNumbers } = found;
  const isOne = (_: number, record: number) => isChosen(record);
  const chosen = starts.filter(isOne);
  return {
    count: chosen.length,
    bytes,
    starts: chosen,
    ends: ends.filter(isOne),
    lines: lines.filter(isOne),
    rowNumbers: rowNumbers.filter(isOne),
  };
}

export function firstRecords(found: FoundRecords, count: number): FoundRecords {
  return {
    count,
    bytes: found.bytes,
    starts: found.starts.subarray(0, count),
    ends: found.ends.subarray(0, count),
    lines: found.lines.subarray(0, count),
    rowNumbers: found.rowNumbers.subarray(0, count),
  };
}
