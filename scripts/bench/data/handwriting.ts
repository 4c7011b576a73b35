/** The ways in which people write the same text. */

/** Any letter may be a capital. */
export function mixed(text: string, random: () => number): string {
  return text.replace(/[a-z]/gu, (letter) => random() < 0.3 ? letter.toUpperCase() : letter);
}

/** With blanks around it, or doubled ones in it. */
export function spaced(text: string, random: () => number): string {
  const way = random();
  return way < 0.2 ? ` ${text} ` : way < 0.5 ? text.replaceAll(" ", "  ") : text;
}

/** In groups of three digits, with points between them. */
export function grouped(number: number | string): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/gu, ".");
}

export function padded(number: number, digits: number): string {
  return String(Math.floor(number)).padStart(digits, "0");
}
