/**
 * VICIdial's call code: the caller's name that its dialer gives every call it places, `V`, month, day, hour, minute and
 * second (the month without its leading digit, so that twenty places do), and the lead's id in ten digits; `M` for a call
 * that an agent dialled by hand, `DC…W…W` for the third party that an agent adds to a conversation. It is the display name
 * of the INVITE's From, and the CallerIDName of the customer's channel (ConnectedLineName, while that is still ringing).
 * VICIdial may put the agent's extension and the campaign behind it (`use_eac`).
 */
const CODE = '(?:[A-Z]{1,2}\\d{17,24}|DC\\d{6}W\\d{10}W)';

const NAME = new RegExp(`^"?\\s*(?<code>${CODE})(?:\\s[^"]*)?"?$`);

/** Name-addrs (RFC 3261 §25.1) whose display name begins with a code, in any header. */
const NAMED_ADDRESS = new RegExp(`(?:"\\s*${CODE}(?:\\s[^"]*)?"|\\b${CODE})\\s*(?=<)`, 'g');

/** The call code that a name begins with, with or without quotes; or null. */
export function readCallCode(name: string): string | null {
  return NAME.exec(name)?.groups?.code ?? null;
}

/** A header with name-addrs, without the display names that are call codes. */
export function withoutCallCodes(value: string): string {
  return value.replace(NAMED_ADDRESS, '');
}
