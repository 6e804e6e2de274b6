/**
 * FreeSWITCH's display updates. A FreeSWITCH whose INVITE has `X-FS-Support: update_display` and whose peer says so too
 * tells it at each bridge, after the answer, what its telephone should show: an INFO of type `message/update_display`
 * with `X-FS-Display-Name` and `X-FS-Display-Number` and no body (mod_sofia, SWITCH_MESSAGE_INDICATE_DISPLAY;
 * switch_ivr_bridge.c, send_display). What is bridged shows its own number, its caller id, or this call's caller id,
 * by who called whom; a conference shows nothing, an end of a bridge neither.
 */
import type { Agent } from '../call/call-facts.ts';
import { readText } from './brusio-headers.ts';
import type { SipRequest } from './drachtio-srf.ts';

/** The display updates of one call. */
export type DisplayUpdates = {
  /** Asks for them: headers of every 18x and 2xx to the dialer. */
  readonly announcement: Readonly<Record<string, string>>;
  /** Who is shown by a request after the answer; null when it shows nobody, or the callee. */
  agentIn(request: SipRequest): Agent | null;
};

/** A call whose dialer sends none, or is not believed. */
export const NO_DISPLAY_UPDATES: DisplayUpdates = { announcement: {}, agentIn: () => null };

/** Who is bridged, and shown under no number of their own. */
const UNKNOWN_AGENT = 'unknown';

/** What FreeSWITCH shows of a leg that was given no number (SWITCH_DEFAULT_CLID_NUMBER, send_display). */
const NOBODYS_NUMBER = /^(?:0{10}|unknown)$/i;

/** What it shows of one that was given no name. */
const NOBODYS_NAME = /^(?:outbound call|freeswitch|unknown|_undef_)$/i;

/**
 * Those of a dialer that is believed.
 *
 * @param invite of the dialer
 * @param callee its numbers in every form the dialer may show
 * @param callerId shown to the callee
 */
export function displayUpdates(invite: SipRequest, callee: readonly string[], callerId: string): DisplayUpdates {
  if (!/(?:^|,)\s*update_display\s*(?:,|$)/i.test(invite.get('x-fs-support') ?? '')) return NO_DISPLAY_UPDATES;
  const calleeDigits = new Set(callee.map(digitsOf).filter((digits) => digits !== ''));
  return {
    announcement: { 'X-FS-Support': 'update_display' },
    agentIn(request) {
      const number = shown(request, 'x-fs-display-number');
      const name = shown(request, 'x-fs-display-name');
      const main = number ?? name;
      if (main === null || calleeDigits.has(digitsOf(main))) return null;
      if (digitsOf(main) !== '' && digitsOf(main) === digitsOf(callerId)) return agent(null, null);
      return agent(
        number === null || NOBODYS_NUMBER.test(number) ? null : number,
        name === null || NOBODYS_NAME.test(name) || NOBODYS_NUMBER.test(name) ? null : name,
      );
    },
  };
}

/** Whether a request is for the dialer's own telephones: nobody else's business, whatever it shows. */
export function isDisplayUpdate(request: SipRequest): boolean {
  return /^\s*message\/update_display\s*(?:;|$)/i.test(request.get('content-type') ?? '');
}

function agent(number: string | null, name: string | null): Agent {
  const id = number ?? name ?? UNKNOWN_AGENT;
  return { id, source: 'sip-display', name: name === id ? null : name, extension: number };
}

/** FreeSWITCH writes `%20` for a space where a dialplan did. */
function shown(request: SipRequest, header: string): string | null {
  const text = request.get(header);
  try {
    return readText(text === undefined ? undefined : decodeURIComponent(text));
  } catch {
    return readText(text);
  }
}

/** `+39 333…`, `0039333…`@host and `sip:39333…` are one number. */
function digitsOf(shownAs: string): string {
  const user = shownAs.replace(/^sips?:/i, '').replace(/@.*$/, '');
  return /[a-z]/i.test(user) ? '' : user.replace(/\D/g, '').replace(/^00/, '');
}
