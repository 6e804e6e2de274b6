/**
 * What is asked of the server's event socket, and no more: of a dialer that places 50 calls a second most never answer,
 * and of those no event comes at all.
 */
import type { DispositionVariable } from '../variable-disposition.ts';

/**
 * The commands, in their order: filters first, so that nothing comes which they would have kept back.
 *
 * An event passes when any filter matches (`event_handler` in mod_event_socket.c): by its name, or, for the many
 * CHANNEL_HANGUP_COMPLETE and CHANNEL_EXECUTE_COMPLETE, because its channel was answered or bridged, or has the variable
 * that we look for. Of a conference only joining, leaving and being heard pass, not who talks.
 */
export function subscriptionCommands(disposition: DispositionVariable | null): readonly string[] {
  const names = ['CHANNEL_ANSWER', 'CHANNEL_BRIDGE', 'CHANNEL_UNBRIDGE'];
  const filters = [
    ...names.map((name) => `Event-Name ${name}`),
    'Caller-Channel-Answered-Time /^[1-9]/',
    'variable_last_bridge_to /./',
    'Event-Subclass callcenter::info',
    ...['add', 'del', 'mute', 'unmute', 'hold', 'unhold'].map((what) => `Action ${what}-member`),
    // A minus keeps back what another filter would let pass.
    ...['start-talking', 'stop-talking', 'floor-change'].map((what) => `Action -${what}`),
    'CC-Action -members-count',
  ];
  const events = [...names, 'CHANNEL_HANGUP_COMPLETE'];
  const custom = ['callcenter::info', 'conference::maintenance'];
  if (disposition !== null) {
    filters.push(`variable_${disposition.variable} /./`, 'Event-Subclass avmd::beep');
    events.push('CHANNEL_EXECUTE_COMPLETE');
    custom.push('avmd::beep');
  }
  return [...filters.map((filter) => `filter ${filter}`), `event plain ${events.join(' ')} CUSTOM ${custom.join(' ')}`];
}
