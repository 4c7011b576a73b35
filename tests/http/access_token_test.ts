import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  generateToken,
  hashToken,
  matches,
  prefixOf,
} from "../../src/http/identity/access_token.ts";

Deno.test("tokens have the form that scanners look for, and no two are alike", () => {
  const made = Array.from({ length: 1000 }, generateToken);
  for (const { token, prefix, hash } of made) {
    assert.match(token, /^ingest_[a-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
    assert.equal(token.slice(7, 15), prefix);
    assert.equal(prefixOf(token), prefix);
    assert.equal(hash, hashToken(token));
    assert.equal(Buffer.from(token.slice(16), "base64url").length, 32);
  }
  for (const part of ["token", "prefix", "hash"] as const) {
    assert.equal(new Set(made.map((one) => one[part])).size, 1000, part);
  }
  assert.equal(new Set(made.map(({ token }) => token.slice(16))).size, 1000);
  // In 8,000 characters, the chance that one of the 36 is missing is 1 in 10^97.
  assert.equal(new Set(made.flatMap(({ prefix }) => [...prefix])).size, 36);
});

Deno.test("the prefix reveals nothing about the secret: the hash covers the whole token", () => {
  const { token, prefix } = generateToken();
  assert.ok(!token.slice(16).includes(prefix));
  const secret = token.slice(16);
  assert.notEqual(hashToken(`ingest_aaaaaaaa_${secret}`), hashToken(`ingest_bbbbbbbb_${secret}`));
});

Deno.test("text that is not in the form of a token has no prefix", () => {
  const { token } = generateToken();
  const wrong = [
    "",
    "ingest",
    token.slice(0, -1),
    `${token}A`,
    `${token}\n`,
    ` ${token}`,
    `x${token}`,
    token.toUpperCase(),
    token.replace("ingest_", "ingest-"),
    `ingest_abcdefg_${token.slice(16)}`,
    `ingest_abcdefG1_${token.slice(16)}`,
    `ingest_abcdefg%_${token.slice(16)}`,
    `${token.slice(0, -1)}=`,
    `${token.slice(0, -1)}é`,
  ];
  for (const text of wrong) assert.equal(prefixOf(text), null, JSON.stringify(text));
});

Deno.test("a hash is SHA-256 in hex", () => {
  assert.equal(
    hashToken("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

Deno.test("a token matches its own hash and no other, whichever character is wrong", () => {
  const { token, hash } = generateToken();
  assert.ok(matches(token, hash));
  for (let at = 0; at < token.length; at++) {
    const other = token.slice(0, at) + (token[at] === "x" ? "y" : "x") + token.slice(at + 1);
    assert.equal(matches(other, hash), false, other);
  }
  for (const at of [0, 31, 63]) {
    const other = hash.slice(0, at) + (hash[at] === "0" ? "1" : "0") + hash.slice(at + 1);
    assert.equal(matches(token, other), false, other);
  }
});

Deno.test("a text that is not a hash matches nothing and doesn't throw", () => {
  const { token, hash } = generateToken();
  for (const no of ["", "00", `${hash}0`, hash.slice(1), hash.slice(0, 62) + "é", token]) {
    assert.equal(matches(token, no), false, no);
  }
});
