/** Short lists of words. */
import { Word } from "./column";

/** The word with these bytes, or null. */
export function findWord(words: usize, count: u32, from: usize, to: usize): Word | null {
  const length = <u32> (to - from);
  for (let w: u32 = 0; w < count; w++) {
    const word = changetype<Word>(words + w * offsetof<Word>());
    if (word.length == length && memory.compare(word.bytes, from, length) == 0) return word;
  }
  return null;
}

/** Like `findWord`; the words are in lower case, and A to Z count as a to z. */
export function findWordInAnyCase(words: usize, count: u32, from: usize, to: usize): Word | null {
  const length = <u32> (to - from);
  for (let w: u32 = 0; w < count; w++) {
    const word = changetype<Word>(words + w * offsetof<Word>());
    if (word.length == length && isSameLetters(word.bytes, from, length)) return word;
  }
  return null;
}

function isSameLetters(word: usize, from: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    const byte = load<u8>(from + i);
    if (load<u8>(word + i) != (byte - 65 < 26 ? byte | 32 : byte)) return false;
  }
  return true;
}
