/** What a page says once, after a button was pressed: kept in a cookie across the redirect. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { RequestEnv } from "../server_context.ts";

const NAME = "ingest_note";
/** Seconds; the redirect takes less than one. */
const MAX_AGE = 30;
/** Characters. Browsers drop longer cookies silently: 4,096 bytes, and each may take nine. */
const LONGEST = 400;

export interface Note {
  readonly kind: "done" | "refused";
  readonly text: string;
}

export function leaveNote(c: Context<RequestEnv>, { kind, text }: Note): void {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  // A cookie can't hold half of an emoji.
  setCookie(c, NAME, `${kind}:${short.toWellFormed()}`, {
    ...{ path: "/", httpOnly: true, sameSite: "Strict", maxAge: MAX_AGE },
  });
}

/** Anybody can set a cookie in their own browser, so its text is only ever shown as text. */
export function takeNote(c: Context<RequestEnv>): Note | null {
  // A page in another tab looks for changes: it is for whoever pressed the button.
  if ((c.req.header("sec-fetch-mode") ?? "navigate") !== "navigate") return null;
  const found = /^(done|refused):(.+)$/su.exec(getCookie(c, NAME) ?? "");
  if (found === null) return null;
  deleteCookie(c, NAME, { path: "/" });
  return { kind: found[1] === "done" ? "done" : "refused", text: found[2] };
}
