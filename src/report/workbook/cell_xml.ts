/** Cells of a sheet as XML. All of them are texts, which no spreadsheet takes for anything else. */

/**
 * What XML can't hold as it is, what it would read otherwise, and texts that look like an escape.
 * Workbooks write such characters as `_x001F_`.
 */
const SPECIAL = /[&<>]|(?![\t\n\u007f-\u009f])[\p{Cc}\ufffe\uffff]|_(?=[xX][0-9a-fA-F]{4}_)/gu;

export function xmlText(text: string): string {
  return text.replaceAll(SPECIAL, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      default:
        return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}_`;
    }
  });
}

/** For an attribute between double quotes. */
export function xmlAttribute(text: string): string {
  return xmlText(text).replaceAll('"', "&quot;");
}

/** Blanks that programs drop unless they are told not to. */
const BLANKS = /^\s|\s$|[\n\t]/u;

/** `address`: such as `C17`. */
export function cellXml(address: string, style: number, text: string): string {
  if (text === "") return `<c r="${address}" s="${style}"/>`;
  const space = BLANKS.test(text) ? ' xml:space="preserve"' : "";
  return `<c r="${address}" s="${style}" t="inlineStr"><is><t${space}>${
    xmlText(text)
  }</t></is></c>`;
}
