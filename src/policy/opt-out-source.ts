/** How an opt-out was told: the callee pressed the key in a call, or somebody wrote it down by the command line or by HTTP. */
export const OPT_OUT_SOURCES = ['key', 'command', 'http'] as const;
/** One of them. */
export type OptOutSource = (typeof OPT_OUT_SOURCES)[number];
