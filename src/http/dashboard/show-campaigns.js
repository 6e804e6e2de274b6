/** Campaigns: each period of the law that the API names, as a share against its limit. */
import { node, part } from './dom.js';
import { levelOf } from './model.js';
import { dayText, decimal, integer, percentText, word } from './words.js';

const LEVELS = ['free', 'within', 'near', 'breached'];

/** @param {any} campaigns of an overview */
export function campaignNodes({ shown, running }) {
  if (shown.length === 0) return [node('p', { class: 'note' }, word('noCampaign'))];
  const cut = shown.length < running;
  return [
    ...shown.map(campaignNode),
    cut ? node('p', { class: 'note' }, word('moreCampaigns', { shown: shown.length, running })) : null,
  ].filter((one) => one !== null);
}

/** Sentences about what is breached or near it. @param {any} campaigns */
export function campaignWarnings({ shown }) {
  return shown.flatMap((campaign) =>
    periodsOf(campaign).flatMap(({ figures }) => {
      const level = levelOf(figures);
      if (level !== 'near' && level !== 'breached') return [];
      const period = word(figures.period === 'day' ? 'periodDay' : 'periodWindow');
      const { ratio } = figures;
      const values = {
        campaign: campaign.campaign,
        period,
        silent: integer(ratio.silent),
        answered: integer(ratio.answered),
      };
      const warning = word(level === 'near' ? 'warnNear' : 'warnBreached', values);
      const estimated = figures.estimate?.added ?? 0;
      // Else it would tell of silent calls that the card does not have.
      const text = estimated > 0 ? `${warning} ${word('warnEstimated', { added: integer(estimated) })}` : warning;
      return [{ level, text }];
    }),
  );
}

function campaignNode(campaign) {
  const periods = periodsOf(campaign);
  const worst = LEVELS[Math.max(0, ...periods.map(({ figures }) => LEVELS.indexOf(levelOf(figures))))];
  return node(
    'article',
    { class: 'card campaign', 'data-level': worst ?? 'free', 'data-campaign': campaign.campaign },
    node(
      'div',
      {},
      node('h3', {}, campaign.campaign),
      node('p', { class: 'note' }, `${campaign.controller} · ${campaign.policy}`),
    ),
    ...periods.map(periodNode),
  );
}

/** Those that the law of the campaign measures. */
function periodsOf({ window, day, room }) {
  return [
    { figures: window, left: room.window },
    { figures: day, left: room.day },
  ].filter(({ figures }) => figures !== null);
}

function periodNode({ figures, left }) {
  const { period, from, to, silent, handled, percent, limit } = figures;
  const level = levelOf(figures);
  const title =
    period === 'day' ? word('day', { from: dayText(from) }) : word('window', { from: dayText(from), to: dayText(to) });
  const share = percent === null ? word('noCalls') : percentText(percent);
  const most = limit === null ? word('noLimit') : word('limit', { percent: limitText(limit) });
  return node(
    'div',
    { class: 'period', 'data-level': level, 'data-period': period },
    node(
      'div',
      { class: 'period-head' },
      node('span', {}, title),
      level === 'free' ? null : node('span', { class: 'verdict' }, word(level)),
    ),
    node(
      'div',
      { class: 'period-head' },
      node('span', { class: 'percent' }, share),
      node('span', { class: 'note' }, most),
    ),
    limit === null ? null : gaugeNode(figures, word('gauge', { percent: share, limit: limitText(limit) })),
    node(
      'p',
      { class: 'counts' },
      node('span', {}, node('b', {}, integer(silent)), ` ${word('silentCalls')}`),
      node('span', {}, node('b', {}, integer(handled)), ` ${word('handledCalls')}`),
      left === null
        ? null
        : node('span', { class: 'room' }, left === 0 ? word('roomNone') : word('room', { n: integer(left) })),
    ),
    estimateNode(figures),
  );
}

/** What of the share is estimated, where the law has that in it. */
function estimateNode({ estimate }) {
  if (estimate === undefined) return null;
  const { method, machinesFound, machinesHeard, added, deducted, missing } = estimate;
  // Nothing to estimate from yet.
  if ((method === 'false-positives' ? machinesFound : machinesHeard) === 0) return null;
  if (missing) return node('p', { class: 'note' }, word('estimateMissing', { found: integer(machinesFound) }));
  const values = { added: integer(added), found: integer(machinesFound), heard: integer(machinesHeard), deducted };
  return node(
    'p',
    { class: 'note' },
    word(method === 'false-positives' ? 'estimateAdded' : 'estimateDeducted', values),
  );
}

/** The limit stands at three quarters, so that what is beyond it is seen. */
function gaugeNode({ ratio, limit }, label) {
  const used = ratio.answered === 0 ? 0 : (ratio.silent * limit.of) / (ratio.answered * limit.silent);
  const fill = part(node('span', { class: 'fill' }), '--part', used * 75);
  return node('div', { class: 'gauge', role: 'img', 'aria-label': label }, fill, node('span', { class: 'mark' }));
}

function limitText({ silent, of }) {
  const percent = (100 * silent) / of;
  return `${decimal(percent, Number.isInteger(percent) ? 0 : 1)} %`;
}
