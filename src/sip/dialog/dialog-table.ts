import { type ClientCall, type Dialog, dialogKey, type ServerCall } from './dialog.ts';

/** All dialogs and unfinished requests of the engine, findable as the network and as applications name them. */
export type DialogTable = {
  readonly serverCalls: Map<string, ServerCall>;
  readonly clientCalls: Map<string, ClientCall>;
  /** First INVITEs of the network without final response, by dialog id. */
  readonly pendingInvites: Map<string, ServerCall>;
  add(dialog: Dialog): void;
  /** Makes an early dialog one that applications can name. */
  confirm(dialog: Dialog): void;
  remove(dialog: Dialog): void;
  /** Ends the early dialogs of an INVITE that has its final response. */
  endForks(call: ClientCall): void;
  /** By the tags of a message from the network. */
  byTags(callId: string, localTag: string, remoteTag: string): Dialog | undefined;
  /** By the id of the control protocol; confirmed dialogs only. */
  byId(dialogId: string): Dialog | undefined;
  all(): Dialog[];
  /** Early and confirmed dialogs. */
  size(): number;
};

/** An empty table. */
export function createDialogTable(): DialogTable {
  const byKey = new Map<string, Dialog>();
  const confirmed = new Map<string, Dialog>();
  const keyOf = (dialog: Dialog) => dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag);

  const remove = (dialog: Dialog) => {
    dialog.state = 'ended';
    dialog.answer?.timer?.cancel();
    dialog.answer = null;
    dialog.unackedTimer?.cancel();
    dialog.unackedTimer = null;
    dialog.unacked = null;
    if (byKey.get(keyOf(dialog)) === dialog) byKey.delete(keyOf(dialog));
    if (confirmed.get(dialog.id) === dialog) confirmed.delete(dialog.id);
  };

  return {
    serverCalls: new Map(),
    clientCalls: new Map(),
    pendingInvites: new Map(),
    add: (dialog) => void byKey.set(keyOf(dialog), dialog),
    confirm(dialog) {
      dialog.state = 'confirmed';
      confirmed.set(dialog.id, dialog);
    },
    remove,
    endForks(call) {
      if (call.forks === null) return;
      for (const fork of call.forks.values()) remove(fork);
      call.forks = null;
    },
    byTags: (callId, localTag, remoteTag) => byKey.get(dialogKey(callId, localTag, remoteTag)),
    byId: (dialogId) => confirmed.get(dialogId),
    all: () => [...byKey.values()],
    size: () => byKey.size,
  };
}
