/**
 * Telephone numbers as people may see them: enough to recognise, too little to call.
 *
 * `+393331234567` becomes `+39333•••4567`: the last four digits and what stands before the hidden three. Numbers of
 * seven digits or fewer (service numbers) show their last two only.
 */
export function maskNumber(number: string): string {
  if (number.length <= 7) return `•••${number.slice(-2)}`;
  return `${number.slice(0, -7)}•••${number.slice(-4)}`;
}

/** In the place of a number that was dropped, by its age or on a person's request. */
export const NUMBER_DROPPED = '•••';

/** The user part of every SIP or tel URI in a text masked, for logs and problem texts. */
export function maskUris(text: string): string {
  return text.replace(
    /\b(sips?:|tel:)([^@;>\s]+)/gi,
    (_all, scheme: string, user: string) => scheme + maskNumber(user),
  );
}
