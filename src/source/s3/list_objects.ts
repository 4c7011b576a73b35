/** Which objects there are: by prefix, page by page, and by pattern. */
import { SourceError } from "../error.ts";
import type { S3Client } from "./client.ts";
import { elementsOf, textOf } from "./xml.ts";

export interface S3Object {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotes, as it is sent back. */
  readonly etag: string | null;
  readonly modified: Date;
}

/** A page of objects, and the time by the server's clock. */
export interface ListedPage {
  readonly objects: readonly S3Object[];
  readonly now: Date;
}

/** All objects whose keys begin with a prefix, in the order of their keys. Throws SourceError. */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<ListedPage> {
  for (let token: string | null = null, first = true; first || token !== null; first = false) {
    const answer = await client.send({
      ...{ method: "GET", bucket, key: "", doing: "list" },
      query: {
        ...{ "encoding-type": "url", "list-type": "2", prefix },
        ...(token !== null && { "continuation-token": token }),
      },
    });
    const date = Date.parse(answer.headers.get("date") ?? "");
    const xml = new TextDecoder().decode(await answer.bytes());
    const isEncoded = textOf(xml, "EncodingType") === "url";
    yield {
      objects: elementsOf(xml, "Contents").map((inner) => readObject(inner, isEncoded)),
      now: Number.isNaN(date) ? new Date() : new Date(date),
    };
    const next: string | null = textOf(xml, "IsTruncated") === "true"
      ? textOf(xml, "NextContinuationToken")
      : null;
    if (next !== null && next === token) {
      throw new SourceError(
        `Cannot list s3://${bucket}/${prefix}: the server sends the same page again. Name the files.`,
      );
    }
    token = next;
  }
}

function readObject(xml: string, isEncoded: boolean): S3Object {
  const key = textOf(xml, "Key") ?? "";
  return {
    key: isEncoded ? decoded(key) : key,
    size: Number(textOf(xml, "Size")),
    etag: textOf(xml, "ETag"),
    modified: new Date(textOf(xml, "LastModified") ?? NaN),
  };
}

/** As forms encode it, where a space is `+`. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key;
  }
}

/** Can the key only mean a pattern? */
export function isKeyPattern(key: string): boolean {
  return /[*?[\]{}]/u.test(key);
}

/** What all keys that fit a pattern begin with. */
export function prefixOf(pattern: string): string {
  return /^[^*?[\]{}]*/u.exec(pattern)![0];
}

/**
 * `*` and `?` stand for characters but `/`, `**` for all, `[a-z]` and `{csv,txt}` for one of
 * several, as in patterns for local files. Throws SourceError if a bracket is left open.
 */
export function keyPattern(pattern: string): RegExp {
  let source = "";
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    if (letter === "*") {
      if (pattern[at + 1] !== "*") source += "[^/]*";
      else if (pattern[at + 2] === "/" && (at === 0 || pattern[at - 1] === "/")) {
        // `a/**/b` also means `a/b`.
        source += "(?:.*/)?";
        at += 2;
      } else {
        source += ".*";
        at++;
      }
    } else if (letter === "?") source += "[^/]";
    else if (letter === "[") {
      const close = pattern.indexOf("]", at + 2);
      if (close === -1) throw unclosed(pattern, "[");
      const inner = pattern.slice(at + 1, close).replace(/^!/u, "^").replaceAll(
        /[\\[\]]/gu,
        "\\$&",
      );
      source += `(?!/)[${inner}]`;
      at = close;
    } else if (letter === "{") {
      source += "(?:";
      depth++;
    } else if (letter === "}" && depth > 0) {
      source += ")";
      depth--;
    } else if (letter === "," && depth > 0) source += "|";
    else source += letter.replace(/[\\^$.|+()[\]{}/]/u, "\\$&");
  }
  if (depth > 0) throw unclosed(pattern, "{");
  try {
    return new RegExp(`^${source}$`, "su");
  } catch {
    throw new SourceError(`Cannot use the pattern ${pattern}: it can't be read. Simplify it.`);
  }
}

function unclosed(pattern: string, bracket: string): SourceError {
  return new SourceError(`Cannot use the pattern ${pattern}: its ${bracket} is never closed.`);
}
