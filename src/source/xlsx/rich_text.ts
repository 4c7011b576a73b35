/** The text of a cell, of which parts may look different. */
import { MAX_RECORD_BYTES } from "../record.ts";
import { ByteBuffer } from "./byte_buffer.ts";
import { trimFrom, unescape } from "./cell_text.ts";
import { XmlError } from "./xml_entity.ts";
import type { XmlTag } from "./xml_tag.ts";

/**
 * Joins the runs of a text. Phonetic texts are left out. Without `xml:space="preserve"`, the blanks
 * around a run are only how the XML is laid out.
 */
export class RichText {
  readonly #text = new ByteBuffer();
  #isOpen = false;
  #isPhonetic = false;
  #isPreserved = false;
  #from = 0;

  clear(): void {
    this.#text.length = 0;
  }

  open(name: string, tag: XmlTag): void {
    if (name === "rPh") this.#isPhonetic = true;
    if (name !== "t" || this.#isPhonetic) return;
    this.#isOpen = true;
    this.#isPreserved = tag.text("space") === "preserve";
    this.#from = this.#text.length;
  }

  text(bytes: Uint8Array, from: number, to: number): void {
    if (!this.#isOpen) return;
    this.#text.add(bytes, from, to);
    if (this.#text.length > MAX_RECORD_BYTES) {
      throw new XmlError("one of its texts is longer than 16 MB");
    }
  }

  close(name: string): void {
    if (name === "rPh") this.#isPhonetic = false;
    if (name !== "t" || !this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isPreserved) trimFrom(this.#text, this.#from);
  }

  /** The text as a person sees it. */
  whole(): ByteBuffer {
    unescape(this.#text);
    return this.#text;
  }
}
