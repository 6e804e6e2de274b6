/** Headers that may say who calls, most trusted first (RFC 3325 §9.1: asserted by a network, then by a gateway, then said). */
export const CALLER_ID_HEADERS = ['p-asserted-identity', 'remote-party-id', 'from'] as const;

/** One of them. */
export type CallerIdHeader = (typeof CALLER_ID_HEADERS)[number];
