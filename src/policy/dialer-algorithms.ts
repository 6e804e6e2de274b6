/** The digest algorithms in which dialers are challenged, strongest first (RFC 8760 §2.4). */
export const SERVED_ALGORITHMS = ['SHA-256', 'MD5'] as const;

/** One of them. */
export type ServedAlgorithm = (typeof SERVED_ALGORITHMS)[number];
