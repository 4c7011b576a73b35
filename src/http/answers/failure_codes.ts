/**
 * The codes of failures, by status. Stable: programs decide by them. docs/http.md explains each.
 */
export const CODES_BY_STATUS = {
  400: ["malformed", "nothing_to_retry"],
  401: ["unauthorized"],
  403: ["forbidden", "not_enabled"],
  404: ["not_found", "no_such_run", "no_such_group", "unknown_importer", "no_failed_rows"],
  405: ["method_not_allowed"],
  408: ["timeout", "gone"],
  409: ["conflict", "key_in_use"],
  413: ["too_large"],
  415: ["unsupported_media_type"],
  422: [
    "validation",
    "key_reused",
    "ambiguous_group",
    "needs_upload",
    "needs_trigger",
    "source",
    "header",
    "target",
    "definition",
  ],
  431: ["headers_too_large"],
  500: ["internal", "storage"],
  503: ["database_unreachable", "read_only", "closing", "schema", "table_locked", "busy"],
} as const;

export type FailureStatus = keyof typeof CODES_BY_STATUS;
export type FailureCode = (typeof CODES_BY_STATUS)[FailureStatus][number];
/** What a failure of this status may have as its code. */
export type CodeOf<Status extends FailureStatus> = (typeof CODES_BY_STATUS)[Status][number];

export const FAILURE_CODES: readonly FailureCode[] = Object.values(CODES_BY_STATUS).flat();
