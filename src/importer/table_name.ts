/** The parts of `customers`, `public.customers` or `"My Schema"."My Table"`. */
export interface TableName {
  /** If null, the connection's search path decides. */
  readonly schema: string | null;
  readonly name: string;
}

const PART = /(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))/uy;

/** Null if the text is not a table name. Names without quotes become lower case, as in Postgres. */
export function parseTableName(text: string): TableName | null {
  const parts: string[] = [];
  let offset = 0;
  for (;;) {
    PART.lastIndex = offset;
    const match = PART.exec(text);
    if (match === null) return null;
    const [whole, quoted, bare] = match;
    // If the encoding is UTF-8, Postgres folds only ASCII letters.
    parts.push(
      quoted !== undefined
        ? quoted.replaceAll('""', '"')
        : bare.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
    );
    offset += whole.length;
    if (offset === text.length) break;
    if (text[offset] !== "." || parts.length === 2) return null;
    offset++;
  }
  return parts.length === 2
    ? { schema: parts[0], name: parts[1] }
    : { schema: null, name: parts[0] };
}

/** Postgres's own schemas and the one with ingest's tables. They are never the target of a run. */
export function isReservedSchema(schema: string, ownSchema: string): boolean {
  return schema === ownSchema || schema === "information_schema" || schema.startsWith("pg_");
}
