/** `http://` and `https://`: one file. */
import { extname } from "node:path";
import { SourceError, TooLarge } from "../../error.ts";
import { spool } from "../../file/spool.ts";
import type { Fetched, Place, RemoteAccess, RemoteKind, RemoteObject, Wanted } from "../remote.ts";
import { firstBytes } from "../first_bytes.ts";
import { megabytes } from "../size_words.ts";
import { begin, bytesOf, type Download, isSame, StartAgain, versionOf } from "./download.ts";
import { announcedLength, type Answer } from "./exchange.ts";
import { PAGE_BYTES, refusePage } from "./html_page.ts";
import { shownUrl } from "./shown_url.ts";

/** How often a download may begin again. */
const BEGINNINGS = 3;

export const urlKind: RemoteKind = {
  shown: shownUrl,
  expectedInstead: (address) => URL.canParse(address) ? null : "an address such as https://…/a.csv",
  list: ({ address }) => Promise.resolve([{ name: shownUrl(address), address, version: null }]),
  fetch: fetchUrl,
};

async function fetchUrl(
  { address, name }: RemoteObject,
  { headers }: Place,
  access: RemoteAccess,
  { known, folder, beginning: wanted = Infinity }: Wanted,
): Promise<Fetched | null> {
  const { url, signIn } = withoutUser(address, name);
  const download: Download = { url, name, secrets: { ...signIn, ...headers }, access };
  for (let beginning = 1;; beginning++) {
    const answer = await begin(download, known);
    if (answer === null) return null;
    const version = versionOf(answer);
    // Some servers pay no attention to what we know.
    if (known !== null && isSame(known, version)) {
      answer.close();
      return null;
    }
    if ((announcedLength(answer) ?? 0) > access.maxBytes) {
      answer.close();
      throw tooLarge(name, access.maxBytes);
    }
    try {
      let isBeginning = false;
      const enough = firstBytes(
        checked(name, download, answer),
        wanted,
        () => isBeginning = true,
      );
      const bytes = ReadableStream.from(enough);
      const copy = await spool(bytes, folder, extensionOf(url), access.maxBytes);
      return { ...copy, name, version, notes: [], isBeginning };
    } catch (error) {
      if (error instanceof TooLarge) throw tooLarge(name, access.maxBytes);
      if (!(error instanceof StartAgain)) throw error;
      if (beginning === BEGINNINGS) throw error.failure;
    } finally {
      answer.close();
    }
  }
}

/** `https://user:password@host` signs in, and is not part of the address that is asked for. */
function withoutUser(
  address: string,
  name: string,
): { readonly url: URL; readonly signIn: Readonly<Record<string, string>> } {
  if (!URL.canParse(address)) throw new SourceError(`Cannot fetch ${name}: it is no address.`);
  const url = new URL(address);
  const [user, password] = [url.username, url.password].map(decoded);
  [url.username, url.password, url.hash] = ["", "", ""];
  if (user === "" && password === "") return { url, signIn: {} };
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
  return { url, signIn: { authorization } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Looks at the first bytes before anything is stored. */
async function* checked(
  name: string,
  download: Download,
  answer: Answer,
): AsyncGenerator<Uint8Array> {
  const first: Uint8Array[] = [];
  let length = 0;
  let isChecked = false;
  const check = () => {
    const beginning = new Uint8Array(length);
    let at = 0;
    for (const piece of first) {
      beginning.set(piece, at);
      at += piece.length;
    }
    refusePage(name, beginning);
    isChecked = true;
    return beginning;
  };
  for await (const bytes of bytesOf(download, answer)) {
    if (isChecked) yield bytes;
    else {
      first.push(bytes);
      length += bytes.length;
      if (length >= PAGE_BYTES) yield check();
    }
  }
  if (!isChecked && length > 0) yield check();
}

function tooLarge(name: string, maxBytes: number): SourceError {
  return new SourceError(
    `Cannot fetch ${name}: it is larger than the ${
      megabytes(maxBytes)
    } that are allowed. Allow more ` +
      "in the definition: `source: {max_download: …}`.",
  );
}

/** It says the format; an unusual one counts as none. */
function extensionOf({ pathname }: URL): string {
  const extension = extname(pathname);
  return /^\.[a-z0-9]{1,10}$/iu.test(extension) ? extension : "";
}
