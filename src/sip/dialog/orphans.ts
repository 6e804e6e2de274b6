import { addMs } from '../../base/clock.ts';
import type { Application } from './application.ts';
import type { DialogTable } from './dialog-table.ts';
import type { UserAgentClient } from './user-agent-client.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/**
 * Calls whose application has gone. What has no answer yet ends at once; what is up ends with BYE after the grace period,
 * but for dialogs that another connection has spoken for by then.
 *
 * As with drachtio-server nothing is handed to a new connection by itself, since it may be another program altogether; but
 * its first request in a dialog of the old one (by dialog id, BYE included) makes the dialog its own.
 */
export type Orphans = { onAppGone(app: Application, graceMs: number): void };

/** Makes the keeper of such calls. */
export function createOrphans({ clock, dialogs }: UserAgentContext, client: UserAgentClient): Orphans {
  const end = (app: Application) => {
    for (const dialog of orphansOf(app, dialogs)) client.bye(dialog, 'application gone', false);
  };
  return {
    onAppGone(app, graceMs) {
      if (graceMs === 0) end(app);
      else if (orphansOf(app, dialogs).length > 0) {
        clock.setTimer(addMs(clock.monotonicMs(), graceMs), () => end(app));
      }
    },
  };
}

function orphansOf(app: Application, dialogs: DialogTable) {
  return dialogs.all().filter((dialog) => dialog.app === app && dialog.state === 'confirmed');
}
