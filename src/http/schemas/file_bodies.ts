const BYTES = { schema: { type: "string", format: "binary" } } as const;
const TEXT = { schema: { type: "string" } } as const;

/**
 * A file as a body of its own. JSON is taken, too, but not listed: generated clients that know one kind
 * of body for each route would take it for theirs, and send a form's fields as JSON.
 */
export const FILE_BODIES = {
  "text/csv": TEXT,
  "text/tab-separated-values": TEXT,
  "application/x-ndjson": TEXT,
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": BYTES,
  "application/gzip": BYTES,
  "application/zstd": BYTES,
  "application/zip": BYTES,
} as const;
