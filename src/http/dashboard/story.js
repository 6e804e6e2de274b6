/** What is known of one call, for a person to read: its story in words, or its record as the API gives it while it lives. */
import { call, callAddress, story } from './api.js';
import { byId, node } from './dom.js';
import { currentLanguage, word } from './words.js';

/** Opens the dialog about a call. @param {string} callId */
export async function showStory(callId) {
  const dialog = byId('story');
  const body = byId('story-body');
  byId('story-json').href = callAddress(callId);
  const mine = ++shown;
  body.replaceChildren();
  dialog.showModal();
  try {
    const told = await tellable(callId);
    if (mine === shown) body.replaceChildren(told);
  } catch (thrown) {
    if (mine !== shown) return;
    const text = thrown.status === 404 ? word('unknownCall') : word('noAnswer', { why: thrown.message });
    body.replaceChildren(node('p', { class: 'wrong' }, text));
  }
}

/** Counts what was asked for: an answer that comes late is not another call's. */
let shown = 0;

/** A call that has not ended, or whose ledger is elsewhere, has no story yet. */
async function tellable(callId) {
  try {
    return node('pre', { class: 'told', tabindex: '0' }, await story(callId, currentLanguage()));
  } catch (thrown) {
    if (thrown.status !== 404) throw thrown;
    return tree(await call(callId));
  }
}

function tree(record) {
  return node(
    'dl',
    { class: 'tree' },
    ...Object.entries(record).flatMap(([name, value]) => {
      const isBranch = value !== null && typeof value === 'object' && Object.keys(value).length > 0;
      return isBranch
        ? [node('dt', { class: 'branch' }, name), node('dd', { class: 'branch' }, tree(value))]
        : [node('dt', {}, name), node('dd', {}, leafText(value))];
    }),
  );
}

function leafText(value) {
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return word('unknownFigure');
  return String(value);
}
