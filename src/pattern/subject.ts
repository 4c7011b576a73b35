/** The text that is matched, as characters: code points, each of one or two units. */
import type { CharTest, Instruction } from "./program.ts";

export class Subject {
  constructor(readonly text: string) {}

  /** The position after the character at this one. */
  after(position: number): number {
    const code = this.text.codePointAt(position);
    return position + (code !== undefined && code > 0xffff ? 2 : 1);
  }

  /** The position of the character before this one. */
  before(position: number): number {
    const { text } = this;
    const isPair = position > 1 && (text.charCodeAt(position - 1) & 0xfc00) === 0xdc00 &&
      (text.charCodeAt(position - 2) & 0xfc00) === 0xd800;
    return position - (isPair ? 2 : 1);
  }

  /** The position behind a character that passes the test, or before it; -1 if it doesn't. */
  take(
    { test, back }: { readonly test: CharTest; readonly back: boolean },
    position: number,
  ): number {
    const { text } = this;
    if (back) {
      if (position === 0) return -1;
      const before = this.before(position);
      return test(text.codePointAt(before)!) ? before : -1;
    }
    if (position >= text.length) return -1;
    const code = text.charCodeAt(position);
    if ((code & 0xf800) !== 0xd800) return test(code) ? position + 1 : -1;
    return test(text.codePointAt(position)!) ? this.after(position) : -1;
  }

  isEdge({ at, lines }: Extract<Instruction, { op: "edge" }>, position: number): boolean {
    const { text } = this;
    return at === "start"
      ? position === 0 || (lines && LINE_END.test(text[position - 1]))
      : position === text.length || (lines && LINE_END.test(text[position]));
  }

  isWordEdge(isWord: CharTest, position: number): boolean {
    const is = (at: number) => at >= 0 && at < this.text.length && isWord(this.text.charCodeAt(at));
    return is(position - 1) !== is(position);
  }
}

const LINE_END = /[\n\r\u2028\u2029]/;
