/** Texts of JSON that have escapes. They are valid. */

const BACKSLASH: u8 = 92, LETTER_U: u8 = 117;

/**
 * 0 if Postgres can't store the text: it has a NUL, or half of a surrogate pair. 2 if escapes stand for
 * characters beyond ASCII, else 1.
 */
export function escapesAreText(start: usize, end: usize): u32 {
  let result: u32 = 1;
  let i = start;
  while (i < end) {
    if (load<u8>(i) != BACKSLASH) {
      i++;
      continue;
    }
    if (load<u8>(i + 1) != LETTER_U) {
      i += 2;
      continue;
    }
    const unit = hex(i + 2);
    if (unit == 0 || (unit & 0xfc00) == 0xdc00) return 0;
    if (unit > 127) result = 2;
    i += 6;
    if ((unit & 0xfc00) != 0xd800) continue;
    const isPair = i + 6 <= end && load<u8>(i) == BACKSLASH && load<u8>(i + 1) == LETTER_U &&
      (hex(i + 2) & 0xfc00) == 0xdc00;
    if (!isPair) return 0;
    i += 6;
  }
  return result;
}

/** Writes what the text stands for, in UTF-8, and returns where that ends. It is never longer. */
export function unescapeTo(target: usize, start: usize, end: usize): usize {
  let to = target;
  let i = start;
  while (i < end) {
    const byte = load<u8>(i);
    if (byte != BACKSLASH) {
      store<u8>(to++, byte);
      i++;
      continue;
    }
    const letter = load<u8>(i + 1);
    if (letter != LETTER_U) {
      store<u8>(to++, control(letter));
      i += 2;
      continue;
    }
    let code = hex(i + 2);
    i += 6;
    if ((code & 0xfc00) == 0xd800) {
      code = 0x10000 + ((code & 0x3ff) << 10) + (hex(i + 2) & 0x3ff);
      i += 6;
    }
    to = characterTo(to, code);
  }
  return to;
}

/** The character that the letter of an escape stands for; most stand for themselves. */
function control(letter: u8): u8 {
  switch (letter) {
    case 98:
      return 8;
    case 102:
      return 12;
    case 110:
      return 10;
    case 114:
      return 13;
    case 116:
      return 9;
    default:
      return letter;
  }
}

function characterTo(to: usize, code: u32): usize {
  if (code < 0x80) {
    store<u8>(to, <u8> code);
    return to + 1;
  }
  if (code < 0x800) {
    store<u8>(to, <u8> (0xc0 | (code >> 6)));
    store<u8>(to + 1, <u8> (0x80 | (code & 0x3f)));
    return to + 2;
  }
  if (code < 0x10000) {
    store<u8>(to, <u8> (0xe0 | (code >> 12)));
    store<u8>(to + 1, <u8> (0x80 | ((code >> 6) & 0x3f)));
    store<u8>(to + 2, <u8> (0x80 | (code & 0x3f)));
    return to + 3;
  }
  store<u8>(to, <u8> (0xf0 | (code >> 18)));
  store<u8>(to + 1, <u8> (0x80 | ((code >> 12) & 0x3f)));
  store<u8>(to + 2, <u8> (0x80 | ((code >> 6) & 0x3f)));
  store<u8>(to + 3, <u8> (0x80 | (code & 0x3f)));
  return to + 4;
}

/** Four hexadecimal digits. */
function hex(place: usize): u32 {
  let value: u32 = 0;
  for (let i = place; i < place + 4; i++) {
    const byte: u32 = load<u8>(i);
    value = (value << 4) | (byte < 58 ? byte - 48 : (byte | 32) - 87);
  }
  return value;
}
