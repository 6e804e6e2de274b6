/** What a run has started or made, and what becomes of it when the run ends before it could put it away itself. */
import { constants } from 'node:os';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

const undoing = new Set<() => void>();

/** `undo` is called when this process ends, the latest first; the answer takes it back. It must do all at once: nothing is waited for. */
export function endsWithRun(undo: () => void): () => void {
  if (undoing.size === 0) process.once('exit', undoAll);
  undoing.add(undo);
  return () => {
    undoing.delete(undo);
    if (undoing.size === 0) process.removeListener('exit', undoAll);
  };
}

/** A signal to this process alone ends it like any other end; without this Node would be gone without a word to its children. */
export function endOnSignals(): void {
  // Each stays caught: a second one must not break off what the first began.
  for (const signal of SIGNALS) process.on(signal, () => process.exit(128 + constants.signals[signal]));
}

function undoAll(): void {
  for (const undo of [...undoing].reverse()) {
    try {
      undo();
    } catch (thrown) {
      console.error(`not put away: ${String(thrown)}`);
    }
  }
}
