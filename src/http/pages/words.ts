/** What the API and the commands call waived is left out on the pages: few people know the other word. */
export function pageWords(text: string): string {
  return text.replace(/\b(No longer )?([Ww])aive(d|s)?\b/gu, (_, again, first, end) => {
    const verb = end === "d" ? "left" : end === "s" ? "leaves" : "leave";
    if (again !== undefined) return `No longer ${verb} out`;
    return `${first === "W" ? verb[0].toUpperCase() + verb.slice(1) : verb} out`;
  });
}

/** Types of events that are called otherwise. */
const EVENTS: Readonly<Record<string, string>> = {
  waived: "left out for good",
  "waive undone": "no longer left out",
};

export function eventName(type: string): string {
  return Object.hasOwn(EVENTS, type) ? EVENTS[type] : type;
}
