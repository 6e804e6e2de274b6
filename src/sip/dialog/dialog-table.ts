import { type ClientCall, type Dialog, dialogKey, type ServerCall } from './dialog.ts';
import { stopReliable } from './reliable-responses.ts';

/** All dialogs and unfinished requests of the engine, findable as the network and as applications name them. */
export type DialogTable = {
  readonly serverCalls: Map<string, ServerCall>;
  readonly clientCalls: Map<string, ClientCall>;
  /** First INVITEs of the network without final response, by dialog id. */
  readonly pendingInvites: Map<string, ServerCall>;
  /** First INVITEs of applications without final response, by dialog id. */
  readonly pendingClientInvites: Map<string, ClientCall>;
  add(dialog: Dialog): void;
  /** Makes an early dialog one that applications can name. */
  confirm(dialog: Dialog): void;
  remove(dialog: Dialog): void;
  /** Ends the early dialogs of an INVITE that has its final response, but for the one that was answered. */
  endForks(call: ClientCall, answered?: Dialog): void;
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
    dialog.session?.timer?.cancel();
    dialog.session = null;
    if (dialog.reliableSending !== null) stopReliable(dialog.reliableSending);
    if (byKey.get(keyOf(dialog)) === dialog) byKey.delete(keyOf(dialog));
    if (confirmed.get(dialog.id) === dialog) confirmed.delete(dialog.id);
    // A BYE that waited for the ACK of our 2xx has nothing to wait for any more.
    const held = dialog.heldBye;
    dialog.heldBye = null;
    held?.();
  };

  return {
    serverCalls: new Map(),
    clientCalls: new Map(),
    pendingInvites: new Map(),
    pendingClientInvites: new Map(),
    add: (dialog) => void byKey.set(keyOf(dialog), dialog),
    confirm(dialog) {
      dialog.state = 'confirmed';
      confirmed.set(dialog.id, dialog);
    },
    remove,
    endForks(call, answered) {
      if (call.forks === null) return;
      for (const fork of call.forks.values()) if (fork !== answered) remove(fork);
      call.forks = null;
      call.latestFork = null;
    },
    byTags: (callId, localTag, remoteTag) => byKey.get(dialogKey(callId, localTag, remoteTag)),
    byId: (dialogId) => confirmed.get(dialogId),
    all: () => [...byKey.values()],
    size: () => byKey.size,
  };
}
