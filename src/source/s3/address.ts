/** `s3://bucket/key`: taken apart, and put together again. */
import { SourceError } from "../error.ts";

export interface S3Address {
  readonly bucket: string;
  /** Without a leading slash. May be a prefix, or a pattern. */
  readonly key: string;
}

/** What buckets may be called. A bucket's name becomes part of a host's. */
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/iu;

/** Null if it is no such address. */
export function parseAddress(address: string): S3Address | null {
  const found = /^s3:\/\/([^/]+)(?:\/(.*))?$/su.exec(address);
  if (found === null || !BUCKET.test(found[1]) || found[1].includes("..")) return null;
  const key = found[2] ?? "";
  // A URL can't hold these parts: they would mean another key.
  const isUnsafe = key.split("/").some((part) => part === "." || part === "..");
  return isUnsafe ? null : { bucket: found[1], key };
}

/** Throws SourceError. */
export function requireAddress(address: string): S3Address {
  const parsed = parseAddress(address);
  if (parsed !== null) return parsed;
  throw new SourceError(
    `Cannot use ${address}: expected s3://bucket/key, such as s3://my-bucket/exports/daily.csv.`,
  );
}

export function showAddress({ bucket, key }: S3Address): string {
  return `s3://${bucket}/${key}`;
}
