/** Why a description cannot be served, and how that is told: the codes of RFC 3261 §20.43's `Warning`. */

/** Why a description cannot be served. */
export type SdpProblem =
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'no-common-codec'; readonly offered: readonly string[] }
  /** It is SDP, and asks for what we do not have. */
  | { readonly kind: 'unsupported'; readonly warning: UnsupportedWarning; readonly problem: string };

/**
 * 301: incompatible network address formats; 302: incompatible transport protocol; 304: media type not available; 306:
 * attribute not understood.
 */
export type UnsupportedWarning = 301 | 302 | 304 | 306;

/** 305: incompatible media format; 399: anything else. */
const WARNINGS = { malformed: 399, 'no-common-codec': 305 } as const;

/** The value of a `Warning` header (RFC 3261 §20.43). */
export function warningOf(problem: SdpProblem): string {
  switch (problem.kind) {
    case 'malformed':
      return `${WARNINGS.malformed} brusio "SDP not understood"`;
    case 'no-common-codec':
      return `${WARNINGS['no-common-codec']} brusio "Incompatible media format"`;
    case 'unsupported':
      return `${problem.warning} brusio "${problem.problem}"`;
  }
}
