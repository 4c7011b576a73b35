/**
 * Passwords as SCRAM wants them (RFC 4013, SASLprep): a password counts as the same whether `é` is
 * one character or two, say. Postgres stores them like that, and postgres.js doesn't know.
 */

const SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu;
const IGNORED = /[\u00ad\u034f\u1806\u180b-\u180d\u200c\u200d\u2060\ufe00-\ufe0f\ufeff]/gu;
/** Tables C.2 to C.9 of RFC 3454, without the ASCII control characters, which come next. */
const PROHIBITED = new RegExp(
  "[\\p{Cs}\\p{Co}\\p{Noncharacter_Code_Point}" +
    "\\u0080-\\u009f\\u0340\\u0341\\u06dd\\u070f\\u180e\\u200c-\\u200f\\u2028-\\u202e" +
    "\\u2060-\\u2063\\u206a-\\u206f\\u2ff0-\\u2ffb\\ufeff\\ufff9-\\ufffd" +
    "\\u{1d173}-\\u{1d17a}\\u{e0001}\\u{e0020}-\\u{e007f}]",
  "u",
);
// deno-lint-ignore no-control-regex
const CONTROL = /[\0-\x1f\x7f]/;
const ASCII = /^[\0-\x7f]*$/;

/**
 * As Postgres does, a password that the rules forbid is used as it is. They also forbid characters
 * that were unknown in Unicode 3.2, and mixed directions of writing. That isn't checked here: the
 * caller tries the password as it is when this one is refused.
 */
export function saslprep(password: string): string {
  if (ASCII.test(password)) return password;
  const prepared = password.replaceAll(SPACES, " ").replaceAll(IGNORED, "").normalize("NFKC");
  const isForbidden = prepared === "" || PROHIBITED.test(prepared) || CONTROL.test(prepared);
  return isForbidden ? password : prepared;
}
