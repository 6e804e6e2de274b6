import type { Core } from '../core.ts';

/** How much an engine still holds, by kind: each is zero when every call and transaction is over. */
export function leftOver({ core, pendingTimers }: { readonly core: Core; pendingTimers(): number }) {
  const { dialogs, layer } = core;
  return {
    transactions: layer.size(),
    dialogs: dialogs.size(),
    serverCalls: dialogs.serverCalls.size,
    clientCalls: dialogs.clientCalls.size,
    pendingInvites: dialogs.pendingInvites.size,
    pendingClientInvites: dialogs.pendingClientInvites.size,
    timers: pendingTimers(),
  };
}
