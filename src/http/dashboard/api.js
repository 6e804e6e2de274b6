/** What the page asks of Brusio. Addresses are relative: Brusio may stand behind a proxy, under a path. */

/** An answer that is no success. */
export class ApiProblem extends Error {
  /** @param {number} status 0: no answer @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** @param {string} path @param {RequestInit} [init] */
async function ask(path, init = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (thrown) {
    throw new ApiProblem(0, String(thrown instanceof Error ? thrown.message : thrown));
  }
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const body = isJson ? await response.json() : await response.text();
  if (!response.ok) throw new ApiProblem(response.status, body.detail ?? response.statusText);
  return body;
}

/** Exchanges a key for a session. @param {string} key */
export const enter = (key) => ask('v1/session', { method: 'POST', headers: { authorization: `Bearer ${key}` } });

export const leave = () => ask('v1/session', { method: 'DELETE' });

export const overview = () => ask('v1/overview');

/** Where one call is told of. @param {string} callId */
export const callAddress = (callId) => `v1/calls/${encodeURIComponent(callId)}`;

/** @param {string} callId */
export const call = (callId) => ask(callAddress(callId));

/** One call's story as a page of text; of calls that have ended. @param {string} callId @param {string} language */
export const story = (callId, language) => ask(`${callAddress(callId)}/story?format=text&language=${language}`);

const EVENTS = [
  'call.answered',
  'call.agent_bridged',
  'call.outcome',
  'call.outcome_corrected',
  'campaign.threshold',
  'campaign.breached',
  'refusals',
  'health',
  'stream.gap',
];

/**
 * Listens from a position on. The browser connects again by itself, after the last event it saw; when it is turned away it
 * stops, and `onClosed` is told.
 *
 * @param {string} position
 * @param {{ onEvent: (type: string, data: any) => void, onOpen: () => void, onLost: () => void, onClosed: () => void }} told
 * @returns {() => void} stops listening
 */
export function listen(position, { onEvent, onOpen, onLost, onClosed }) {
  const source = new EventSource(`v1/events?after=${encodeURIComponent(position)}`);
  source.onopen = onOpen;
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) onClosed();
    else onLost();
  };
  for (const type of EVENTS)
    source.addEventListener(type, (event) => onEvent(type, JSON.parse(/** @type {MessageEvent} */ (event).data).data));
  return () => source.close();
}
