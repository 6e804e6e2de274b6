/** What a reader who closes the pipe early (`brusio doctor | head`) is answered with: the end, and no stack. */

/** As a program that SIGPIPE ends, which Node has switched off. */
export const EXIT_BROKEN_PIPE = 141;

/** Ends the process when nobody reads any more; any other failure of the stream goes on as it would. */
export function endOnBrokenPipe(
  stream: { on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown },
  exit: (code: number) => void,
): void {
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    exit(EXIT_BROKEN_PIPE);
  });
}
