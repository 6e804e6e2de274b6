/** Refusals, free agents, and how each part fares. */
import { node } from './dom.js';
import { integer, word } from './words.js';

/** @param {any} refusals */
export function refusalNodes({ refused, breaches }) {
  const rows = [
    ...Object.entries(refused)
      // A rule of law that refuses is among the breaches.
      .filter(([rule]) => !breaches.some((one) => one.rule === rule && one.mode === 'enforce'))
      .map(([rule, count]) => ({ rule, mode: 'refusedMode', count })),
    ...breaches,
  ].sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1));
  if (rows.length === 0) return [node('p', { class: 'note' }, word('noRefusals'))];
  return [
    table(
      ['rule', 'mode', 'count'],
      rows.map(({ rule, mode, count }) => [rule, word(mode), integer(count)]),
    ),
  ];
}

/** @param {readonly any[]} freeAgents */
export function agentNodes(freeAgents) {
  if (freeAgents.length === 0) return [node('p', { class: 'note' }, word('noAgents'))];
  return [
    table(
      ['campaign', 'toldBy', 'free'],
      freeAgents.map(({ campaign, source, free }) => [campaign, source, integer(free)]),
    ),
  ];
}

/** The last column holds figures. */
function table(heads, rows) {
  const last = heads.length - 1;
  const cell = (name, text, index, scope = {}) =>
    node(name, { ...scope, ...(index === last ? { class: 'number' } : {}) }, text);
  return node(
    'table',
    {},
    node('thead', {}, node('tr', {}, ...heads.map((head, index) => cell('th', word(head), index, { scope: 'col' })))),
    node('tbody', {}, ...rows.map((row) => node('tr', {}, ...row.map((text, index) => cell('td', text, index))))),
  );
}

/** @param {any} health */
export function healthNodes(health) {
  return healthLines(health).map(({ good, text }) =>
    node(
      'li',
      { 'data-good': good ? 'yes' : 'no' },
      node('span', { class: 'sign', 'aria-hidden': 'true' }, good ? '✓' : '✗'),
      node('span', {}, text),
    ),
  );
}

/** Sentences about what is wrong. @param {any} health */
export function healthWarnings(health) {
  return healthLines(health)
    .filter(({ good }) => !good)
    .map(({ text }) => ({ level: 'breached', text }));
}

function healthLines({ acceptingCalls, problem, store, media, carriers, agentSources, webhooks }) {
  const line = (good, goodKey, badKey, values) => ({ good, text: word(good ? goodKey : badKey, values) });
  return [
    line(acceptingCalls, 'takesCalls', 'takesNoCalls', { why: problem ?? '' }),
    line(store.writable, 'storeGood', 'storeBad', { why: store.problem ?? '' }),
    line(media.problem === null, 'mediaGood', 'mediaBad', { why: media.problem ?? '' }),
    ...carriers.map(carrierLine),
    ...agentSources.map(({ name, up, problem: why }) => line(up, 'sourceGood', 'sourceBad', { name, why: why ?? '' })),
    ...webhooks.map(({ endpoint: name, state, dead }) => {
      const key = { up: 'webhookGood', down: 'webhookDown', gone: 'webhookGone' }[state];
      const given = dead > 0 ? word('webhookDead', { n: integer(dead) }) : '';
      return { good: state === 'up', text: word(key, { name }) + given };
    }),
  ];
}

function carrierLine({ name, up, reachable, paused }) {
  if (paused) return { good: false, text: word('carrierPaused', { name }) };
  if (up) return { good: true, text: word('carrierGood', { name }) };
  return { good: false, text: word('carrierBad', { name, why: word(reachable ? 'unregistered' : 'unreachable') }) };
}
