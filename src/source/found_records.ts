/**
 * Records that were found before, wherever in the source they stand: those that had to wait, or that
 * are tried again. They keep their row and line numbers. In lists, not as objects: a batch has
 * 20,000 of them.
 */
export interface FoundRecords extends RecordPlaces {
  readonly count: number;
  /** Has them in their order, perhaps with other bytes in between. */
  readonly bytes: Uint8Array;
}

/** For each record of a list … */
export interface RecordPlaces {
  /** … where it stands in the list's bytes, without its line end, … */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** … and in the source. */
  readonly lines: Float64Array;
  readonly rowNumbers: Float64Array;
}

/** Those of which `isChosen` says so, by their number in the list. */
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
