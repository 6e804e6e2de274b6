/** The telephone number in a URI (RFC 3261 §19.1, §19.1.6; RFC 3966), and a number as a URI's user part. */

/** What a URI says of whom it means. */
export type TelephoneSubscriber = {
  /** The user part, unescaped, without parameters; visual separators still in it. '' when there is none. */
  readonly number: string;
  /** `phone-context` of a local number (RFC 3966 §5.1.5), or null. */
  readonly context: string | null;
};

/** A user part longer than this is no number, and nothing that a carrier could use. */
const USER_LENGTH_MAX = 128;

/**
 * Reads a `tel:`, `sip:` or `sips:` URI. A password is no part of the user, and `;phone-context` may stand among the
 * user's parameters (§19.1.6). A broken escape leaves the text as it is.
 */
export function telephoneSubscriberOf(uri: string): TelephoneSubscriber {
  const match = /^(?:sips?:([^@]*)@|tel:([^?]*))/i.exec(uri.trim());
  const user = (match?.[1] ?? match?.[2] ?? '').slice(0, USER_LENGTH_MAX);
  const [subscriber = '', ...parameters] = user.split(';');
  const context = parameters.find((one) => /^phone-context=/i.test(one))?.slice('phone-context='.length) ?? null;
  // A tel: number has no password, and no colon either.
  const number = subscriber.split(':', 1)[0] ?? '';
  return { number: unescaped(number).trim(), context: context === null ? null : unescaped(context) };
}

/** A text as a user part: whatever RFC 3261 §25.1 does not allow there is escaped. */
export function encodedUser(text: string): string {
  return encodeURIComponent(text).replace(/%(2B|24|26|2C|3D|2F|3F)/gi, (escaped) => decodeURIComponent(escaped));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
