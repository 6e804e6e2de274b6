/** One call's record as the API gives it, for a person to read: names and values, as deep as they go. */
import { call, callAddress } from './api.js';
import { byId, node } from './dom.js';
import { word } from './words.js';

/** Opens the dialog about a call. @param {string} callId */
export async function showStory(callId) {
  const dialog = byId('story');
  const body = byId('story-body');
  byId('story-json').href = callAddress(callId);
  body.replaceChildren();
  dialog.showModal();
  try {
    body.replaceChildren(tree(await call(callId)));
  } catch (thrown) {
    const text = thrown.status === 404 ? word('unknownCall') : word('noAnswer', { why: thrown.message });
    body.replaceChildren(node('p', { class: 'wrong' }, text));
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
