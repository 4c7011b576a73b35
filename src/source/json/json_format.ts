/**
 * How to read the records of a JSON source, with everything settled. It is stored with the run. What
 * runs of older versions lack is optional.
 */

/** Keys of objects, and positions in arrays from 0, from the outside in. */
export type JsonPath = readonly (string | number)[];

export interface JsonFormat {
  readonly type: "json";
  /**
   * `lines`: each line is a record (NDJSON). `elements`: values one after the other, with or without
   * a comma between them: an array without its brackets, or documents in one file.
   */
  readonly layout: "lines" | "elements";
  /** Where the array is in the document; absent if it is the document. */
  readonly records?: JsonPath;
  /** Fields whose name is not simply the key of a record. */
  readonly paths?: Readonly<Record<string, JsonPath>>;
  /** The encoding that the file was converted from, for messages; absent if it was UTF-8. */
  readonly encoding?: string;
}
