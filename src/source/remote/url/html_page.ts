/** A web page where a file was expected: a login, an error, a page with a button to download. */
import { SourceError } from "../../error.ts";

/** Bytes in which a page shows what it is. */
export const PAGE_BYTES = 4096;

/** Throws SourceError if the first bytes of the file are a web page. */
export function refusePage(name: string, beginning: Uint8Array): void {
  const text = new TextDecoder().decode(beginning.subarray(0, PAGE_BYTES));
  if (
    !/^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b/iu.test(
      text,
    )
  ) {
    return;
  }
  const title = /<title[^>]*>([\s\S]*?)<\/title/iu.exec(text)?.[1] ?? "";
  const words = plain(title) || plain(text.replace(/<(script|style)\b[\s\S]*?<\/\1>/giu, " "));
  const what = words === "" ? "" : `, “${words}”`;
  throw new SourceError(
    `Cannot import ${name}: the server sends a web page${what}, and no table. Check the address in a ` +
      "browser that isn't signed in: often it wants a login, or needs the link of the download itself.",
  );
}

const SHOWN = 80;

function plain(html: string): string {
  const words = html.replace(/<[^>]*>?/gu, " ").replace(/&amp;/gu, "&").replace(/&#?\w+;/gu, " ")
    .replace(/[\p{C}\s]+/gu, " ").trim();
  const letters = Array.from(words);
  return letters.length > SHOWN ? `${letters.slice(0, SHOWN).join("")}…` : words;
}
