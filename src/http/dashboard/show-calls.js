/** Calls: how many there are, who waits, how the last ones ended. */
import { node, part } from './dom.js';
import { decimal, integer, nameOf, timeText, word } from './words.js';

/** @param {any} overview */
export function tileNodes({ calls, firstPacket, refusals, freeAgents }) {
  const states = Object.entries(calls.byState).filter(([, count]) => count > 0);
  const refused = Object.values(refusals.refused).reduce((sum, count) => sum + count, 0);
  const free = freeAgents.reduce((sum, one) => sum + one.free, 0);
  const firstUnder =
    firstPacket === null
      ? null
      : word('tileFirstUnder', { calls: integer(firstPacket.calls), max: decimal(firstPacket.maxMs, 1) });
  return [
    tile(integer(calls.live), word('tileLive', { max: integer(calls.max) }), null, 'live'),
    ...states.map(([state, count]) => tile(integer(count), nameOf('state', state), null, state)),
    tile(
      firstPacket === null ? word('unknownFigure') : `${decimal(firstPacket.p99Ms, 1)} ms`,
      word('tileFirst'),
      firstUnder,
      'first-packet',
    ),
    tile(freeAgents.length === 0 ? word('unknownFigure') : integer(free), word('tileAgents'), null, 'free-agents'),
    tile(integer(refused), word('tileRefused'), null, 'refused'),
  ];
}

function tile(figure, under, note, name) {
  return node(
    'div',
    { class: 'tile', 'data-tile': name },
    node('p', { class: 'figure' }, figure),
    node('p', { class: 'under' }, under),
    note === null ? null : node('p', { class: 'under' }, note),
  );
}

/** @param {readonly any[]} waiting of the model */
export function waitingNodes(waiting) {
  if (waiting.length === 0) return [node('li', { class: 'note' }, word('nobodyWaits'))];
  return waiting.map(({ call, waitedMs, limitMs }) => {
    const waited = word('ofLimit', { waited: decimal(waitedMs / 1000, 1), limit: decimal(limitMs / 1000, 1) });
    const share = limitMs === 0 ? 0 : waitedMs / limitMs;
    return node(
      'li',
      { 'data-level': share > 0.8 ? 'breached' : share > 0.5 ? 'near' : 'within' },
      node(
        'p',
        { class: 'wait-head' },
        node('span', {}, `${call.campaign} · ${call.number}`),
        node('span', {}, waited),
      ),
      node(
        'div',
        { class: 'gauge', 'aria-hidden': 'true' },
        part(node('span', { class: 'fill' }), '--part', share * 100),
      ),
    );
  });
}

const COLUMNS = ['time', 'campaign', 'number', 'class', 'outcome', 'why', 'waited', 'carrier'];

/** @param {readonly any[]} outcomes */
export function outcomeNodes(outcomes) {
  if (outcomes.length === 0) return [node('p', { class: 'note' }, word('noOutcomes'))];
  const heads = COLUMNS.map((name) =>
    node('th', { scope: 'col', ...(name === 'waited' ? { class: 'number' } : {}) }, word(name)),
  );
  return [
    node('table', {}, node('thead', {}, node('tr', {}, ...heads)), node('tbody', {}, ...outcomes.map(outcomeRow))),
  ];
}

function outcomeRow(one) {
  const handling = nameOf('handling', one.handling);
  const outcome = [nameOf('network', one.network), handling].filter((text) => text !== '').join(', ');
  const link = node(
    'button',
    { type: 'button', class: 'story-link', 'data-key': one.callId, 'data-call': one.callId, title: word('details') },
    timeText(one.times.ended),
  );
  const cells = {
    time: link,
    campaign: one.campaign,
    number: one.number,
    class:
      one.class === null
        ? node(
            'span',
            { class: 'note' },
            node('span', { 'aria-hidden': 'true' }, '–'),
            node('span', { class: 'hidden' }, word('notAnsweredClass')),
          )
        : node('span', { class: 'class', 'data-class': one.class }, one.class),
    outcome,
    why: nameOf('cause', one.endCause),
    waited: one.times.answered === null ? '' : `${decimal(one.waitMs / 1000, 3)} s`,
    carrier: [one.carrier, one.status, one.q850 === null ? null : `Q.850 ${one.q850}`]
      .filter((text) => text !== null)
      .join(' · '),
  };
  return node(
    'tr',
    {},
    ...COLUMNS.map((name) =>
      node('td', { 'data-name': name, ...(name === 'waited' ? { class: 'number' } : {}) }, cells[name]),
    ),
  );
}
