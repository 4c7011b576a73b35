/**
 * What a token is: `ingest_`, 8 characters that are shown in lists and logs, `_`, and 43 that
 * nobody sees but its owner. The first word lets secret scanners find one that has leaked.
 */
import { Buffer } from "node:buffer";
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

const FORM = /^ingest_([a-z0-9]{8})_[A-Za-z0-9_-]{43}$/u;
const PREFIX_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
const PREFIX_LENGTH = 8;
/** 43 characters of base64url. */
const SECRET_BYTES = 32;

export interface NewAccessToken {
  /** To be shown once and kept nowhere. */
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

/** Null: this is no token. */
export function prefixOf(text: string): string | null {
  return FORM.exec(text)?.[1] ?? null;
}

/**
 * SHA-256, hex. A slow hash with a salt is for passwords, which can be guessed: here there are
 * 2^256 equally likely ones to try, no two are alike, and each request is checked in microseconds.
 */
export function hashToken(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Takes as long wherever the two begin to differ. False for what is no hash. */
export function matches(text: string, hash: string): boolean {
  const given = Buffer.from(hashToken(text));
  const stored = Buffer.from(hash);
  return given.length === stored.length && timingSafeEqual(given, stored);
}
