/**
 * How long after its end a call's outcome may be corrected: what a dialer's after-call work takes. Our own figure: the law
 * has none.
 */
export const CORRECTION_PERIOD_MS = 600_000;
