import type { Side } from '../call-sessions.ts';
import { createLegDialog, type LegDialog } from '../leg-dialog.ts';
import type { FakeSrf } from './fake-srf.ts';

/** Both legs' dialogs of a call that is up; a test takes one away by null. What fails in a dialog fails the test. */
export function fakeDialogs(srf: FakeSrf): Record<Side, LegDialog | null> {
  const failed = (thrown: unknown) => {
    throw thrown;
  };
  return {
    dialer: createLegDialog(srf, 'dialer', null, () => undefined, failed),
    carrier: createLegDialog(srf, 'carrier', null, () => undefined, failed),
  };
}
