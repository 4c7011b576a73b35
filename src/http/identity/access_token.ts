/**
 * The form of a token: `ingest_`, 8 characters that lists and logs show, `_`, and 43 that only its
 * owner sees. The first word lets secret scanners find a leaked token.
 */
import { Buffer } from "node:buffer";
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

const FORM = /^ingest_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/u;
const PREFIX_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const PREFIX_LENGTH = 8;
/** 43 characters of base64url. */
const SECRET_BYTES = 32;

export interface NewAccessToken {
  /** Shown once, and stored nowhere. */
  readonly token: string;
  readonly prefix: string;
  readonly hash: string;
}

export function generateToken(): NewAccessToken {
  const prefix = Array.from(
    { length: PREFIX_LENGTH },
    () => PREFIX_CHARACTERS[randomInt(PREFIX_CHARACTERS.length)],
  ).join("");
  const token = `ingest_${prefix}_${randomBytes(SECRET_BYTES).toString("base64url")}`;
  return { token, prefix, hash: hashToken(token) };
}

/** Null if the text is not a token. */
export function prefixOf(text: string): string | null {
  return FORM.exec(text)?.[1] ?? null;
}

/**
 * SHA-256, hex. A slow hash with a salt is for passwords, because they can be guessed. A secret is
 * one of 2^256 equally likely ones, no two are alike, and each request is checked in microseconds.
 */
export function hashToken(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Takes the same time wherever the two begin to differ. False if `hash` is not a hash. */
export function matches(text: string, hash: string): boolean {
  const given = Buffer.from(hashToken(text));
  const stored = Buffer.from(hash);
  return given.length === stored.length && timingSafeEqual(given, stored);
}
