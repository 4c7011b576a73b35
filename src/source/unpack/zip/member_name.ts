/** Names in a zip archive: in UTF-8 or, as DOS had them, in code page 437. */
import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import { viewOf } from "../view.ts";

/** Of the bytes from 0x80 on. */
const CODE_PAGE_437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
  "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const utf8 = new TextDecoder();

/**
 * `unicodePath`: what an extra field gives as the name in UTF-8, after a version byte and the
 * CRC-32 of the name that it stands for. Folders are separated by slashes, whoever wrote the archive.
 */
export function memberName(bytes: Uint8Array, unicodePath: Uint8Array | null): string {
  if (unicodePath !== null && unicodePath.length > 5 && unicodePath[0] === 1) {
    const view = viewOf(unicodePath);
    // Else a program that doesn't know the field has renamed the member.
    if (view.getUint32(1, true) === crc32(bytes)) {
      return clean(utf8.decode(unicodePath.subarray(5)));
    }
  }
  // A flag says that a name is in UTF-8, but not all programs set it.
  return clean(isUtf8(bytes) ? utf8.decode(bytes) : fromCodePage437(bytes));
}

function fromCodePage437(bytes: Uint8Array): string {
  return Array.from(
    bytes,
    (byte) => byte < 0x80 ? String.fromCharCode(byte) : CODE_PAGE_437[byte - 0x80],
  ).join("");
}

function clean(name: string): string {
  return name.replaceAll("\\", "/");
}

/** Would the name, as a path, lead to a place outside of the folder that it is unpacked to? */
export function leadsOut(name: string): boolean {
  return name.startsWith("/") || /^[a-z]:\//iu.test(name) || name.split("/").includes("..");
}
