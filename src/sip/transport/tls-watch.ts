import { stat } from 'node:fs';
import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import type { TlsFiles } from './tls-options.ts';

/** A watch that can be ended. */
export type TlsWatch = { close(): void };

/**
 * How often the files are looked at. Asking is what works on every file system, and for files that are replaced by a
 * symbolic link, as container platforms do.
 */
export const TLS_LOOK_MS = 5_000;

/** Calls `changed` when one of the files is another one than before; null when there are none. */
export function watchTlsFiles(files: TlsFiles, clock: Clock, changed: () => void): TlsWatch | null {
  const paths = [files.certificate, files.key, files.ca].filter((path) => path !== null);
  if (paths.length === 0) return null;
  let isClosed = false;
  let timer: Timer | null = null;
  let before: string | null = null;

  const look = () => {
    const marks: string[] = [];
    let missing = paths.length;
    paths.forEach((path, index) => {
      stat(path, (error, found) => {
        marks[index] = error === null ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'none';
        missing--;
        if (missing === 0) compare(marks.join(', '));
      });
    });
  };
  const compare = (now: string) => {
    if (isClosed) return;
    // A certificate and its key are two files: both must have stood still for one look.
    if (before !== null && now !== before) settling = true;
    else if (settling) {
      settling = false;
      changed();
    }
    before = now;
    timer = clock.setTimer(addMs(clock.monotonicMs(), TLS_LOOK_MS), look);
  };
  let settling = false;
  look();
  return {
    close() {
      isClosed = true;
      timer?.cancel();
    },
  };
}
