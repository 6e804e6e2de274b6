/** The little Brusio must know of SIP URIs (RFC 3261 §19.1), as texts: whatever it does not change passes unchanged. */

/** The user part of a sip, sips or tel URI, undecoded; '' when there is none. */
export function userOf(uri: string): string {
  const match = /^(?:sips?:([^@]*)@|tel:([^;]+))/i.exec(uri.trim());
  // A password or user parameters are no part of the number.
  return (match?.[1] ?? match?.[2] ?? '').split(/[:;]/, 1)[0] ?? '';
}

/** `host:port` of a SIP URI, without user, parameters and headers. */
export function hostPortOf(uri: string): string {
  const rest = uri
    .trim()
    .replace(/^sips?:/i, '')
    .replace(/^[^@]*@/, '');
  return rest.split(/[;?>]/, 1)[0] ?? '';
}

/** The host alone; IPv6 without its brackets. */
export function hostOf(uri: string): string {
  const hostPort = hostPortOf(uri);
  const v6 = /^\[([^\]]+)\]/.exec(hostPort);
  return v6?.[1] ?? hostPort.split(':', 1)[0] ?? '';
}

/** `sip:<user>@<rest of the carrier's URI>`: the called number at the carrier. */
export function withUser(carrierUri: string, user: string): string {
  // A function: `$` may stand in a user part, and would be read as a pattern.
  return carrierUri.replace(/^(sips?:)(?:[^@]*@)?/i, (_all, scheme: string) => `${scheme}${user}@`);
}

/** Splits a header that lists name-addrs (Record-Route) at its commas outside `<…>`. */
export function splitAddresses(value: string): string[] {
  return value
    .split(/,(?=\s*(?:"[^"]*"\s*)?<)/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** The tag parameter of a From or To value; '' when it has none. */
export function tagOf(value: string): string {
  return /;\s*tag=([^;,\s>]+)/i.exec(value)?.[1] ?? '';
}

/** A From or To value without its tag parameter. */
export function withoutTag(value: string): string {
  return value.replace(/;\s*tag=[^;,\s>]+/i, '').trim();
}
