/** `customers`, `public.customers` or `"My Schema"."My Table"`, taken apart. */
export interface TableName {
  /** Null: the connection's search path decides. */
  readonly schema: string | null;
  readonly name: string;
}

const PART = /(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))/uy;

/** Null if the text is no table's name. Names without quotes are lower-cased, as Postgres does. */
export function parseTableName(text: string): TableName | null {
  const parts: string[] = [];
  let offset = 0;
  for (;;) {
    PART.lastIndex = offset;
    const match = PART.exec(text);
    if (match === null) return null;
    const [whole, quoted, bare] = match;
    // Postgres folds only ASCII letters where the encoding is UTF-8.
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

/** Postgres's own schemas, and the one that holds ingest's tables: never the target of a run. */
export function isReservedSchema(schema: string, ownSchema: string): boolean {
  return schema === ownSchema || schema === "information_schema" || schema.startsWith("pg_");
}
