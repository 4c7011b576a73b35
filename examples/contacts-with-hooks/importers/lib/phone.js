/** `(030) 123-45` → `+493012345`: German numbers, as one writes them abroad. */
export function digitsOf(phone) {
  const digits = phone.replaceAll(/[^\d+]/gu, "");
  if (digits.length < 4) throw new Error("The phone field must be a phone number.");
  return digits.startsWith("+") ? digits : `+49${digits.replace(/^0/u, "")}`;
}
