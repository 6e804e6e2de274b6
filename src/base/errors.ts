/**
 * The world failed: a port was taken, a peer did not answer, a disk was full. Our own bugs are assertions, and what we
 * expect (a malformed message, a refused call) is a value, never an error.
 */
export class AppError extends Error {
  /** A stable name for programs and tests, such as `media.ports-exhausted`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}

/** One line that tells what was thrown, whatever it was: drachtio-srf rejects with plain strings too. */
export function describeError(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : (JSON.stringify(thrown) ?? String(thrown));
}
