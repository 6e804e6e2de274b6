/** The page: asks for an overview, listens to what happens from there on, and draws a few times a second at most. */
import { ApiProblem, enter, leave, listen, overview } from './api.js';
import { byId, node, show } from './dom.js';
import { emptyModel, takeEvent, takeOverview, waitingCalls } from './model.js';
import { outcomeNodes, tileNodes, waitingNodes } from './show-calls.js';
import { campaignNodes, campaignWarnings } from './show-campaigns.js';
import { agentNodes, healthNodes, healthWarnings, refusalNodes } from './show-health.js';
import { showStory } from './story.js';
import { currentLanguage, momentText, setLanguage, word } from './words.js';

/** How often the page is drawn at most, ms: figures that change faster are not read. */
const DRAW_MS = 250;
/** How often an overview is asked for, ms; sooner when events say that counts have moved … */
const OVERVIEW_MS = 5_000;
/** … but no sooner than this after the last. */
const OVERVIEW_MIN_MS = 1_500;
/** Until the next try when Brusio does not answer, ms. */
const RETRY_MS = 3_000;

let model = emptyModel();
let stopListening = () => {};
let overviewTimer = 0;
let drawTimer = 0;
let askedAtMs = 0;
/** The server's time is this browser's and so much, ms. */
let aheadMs = 0;
let paused = false;
let link = 'connecting';
/** Counts every entry and exit, so that what an earlier one began has no say any more. */
let visit = 0;

function remembered(name, fallback) {
  try {
    return localStorage.getItem(`brusio-${name}`) ?? fallback;
  } catch {
    return fallback;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(`brusio-${name}`, value);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

function applyLanguage(wanted) {
  setLanguage(wanted);
  document.documentElement.lang = currentLanguage();
  byId('language').value = currentLanguage();
  for (const element of withData('word')) element.textContent = word(element.dataset.word ?? '');
  for (const element of withData('label')) element.setAttribute('aria-label', word(element.dataset.label ?? ''));
  draw();
}

/** @param {string} name @returns {NodeListOf<HTMLElement>} */
const withData = (name) => document.querySelectorAll(`[data-${name}]`);

function applyTheme(wanted) {
  byId('theme').value = wanted;
  if (wanted === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
}

function setLink(state) {
  link = state;
  drawLink();
}

function showEntry() {
  visit++;
  stopListening();
  clearTimeout(overviewTimer);
  model = emptyModel();
  byId('watch').hidden = true;
  byId('leave').hidden = true;
  byId('enter').hidden = false;
  byId('about').textContent = '';
  setLink('off');
  byId('key').focus();
}

/** Begins to watch; without a session the entry is shown. */
async function watch() {
  const mine = ++visit;
  stopListening();
  setLink('connecting');
  if (!(await look(mine))) return;
  stopListening = listen(model.overview.position, {
    onEvent(type, data) {
      if (type === 'stream.gap') askSoon(mine, 0);
      else if (takeEvent(model, type, data)) askSoon(mine, OVERVIEW_MIN_MS);
      drawSoon();
    },
    onOpen: () => setLink('live'),
    onLost: () => setLink('lost'),
    // Turned away: too many readers, or the session is over. The overview tells which.
    onClosed() {
      setLink('lost');
      if (mine === visit) setTimeout(() => mine === visit && void watch(), RETRY_MS);
    },
  });
}

/** Asks for an overview, and for the next one in time. @returns whether there is one to show */
async function look(mine) {
  try {
    const taken = await overview();
    if (mine !== visit) return false;
    aheadMs = Date.parse(taken.at) - Date.now();
    takeOverview(model, taken);
    byId('enter').hidden = true;
    byId('watch').hidden = false;
    byId('leave').hidden = false;
    drawSoon();
  } catch (thrown) {
    if (mine !== visit) return false;
    if (thrown instanceof ApiProblem && thrown.status === 401) {
      showEntry();
      return false;
    }
    setLink('lost');
    if (model.overview === null) {
      setTimeout(() => mine === visit && void watch(), RETRY_MS);
      return false;
    }
  }
  askedAtMs = Date.now();
  clearTimeout(overviewTimer);
  overviewTimer = setTimeout(() => void lookAgain(mine), OVERVIEW_MS);
  return true;
}

/** Nobody sees a hidden page: it asks when it is shown again. */
async function lookAgain(mine) {
  if (document.hidden) document.addEventListener('visibilitychange', () => void look(mine), { once: true });
  else await look(mine);
}

function askSoon(mine, minMs) {
  if (mine !== visit || document.hidden) return;
  clearTimeout(overviewTimer);
  const sinceMs = Date.now() - askedAtMs;
  overviewTimer = setTimeout(() => void lookAgain(mine), Math.max(0, minMs - sinceMs));
}

function drawSoon() {
  if (drawTimer === 0) drawTimer = setTimeout(draw, DRAW_MS);
}

function draw() {
  clearTimeout(drawTimer);
  drawTimer = 0;
  drawLink();
  if (model.overview === null) return;
  const { version, startedAt, campaigns, refusals, freeAgents, health } = model.overview;
  byId('about').textContent = word('about', { version, since: momentText(startedAt) });
  drawWarnings([...healthWarnings(health), ...campaignWarnings(campaigns)]);
  show(byId('tiles'), tileNodes(model.overview));
  show(byId('campaigns'), campaignNodes(campaigns));
  if (!paused) show(byId('outcomes'), outcomeNodes(model.outcomes));
  show(byId('refusals'), refusalNodes(refusals));
  show(byId('agents'), agentNodes(freeAgents));
  show(byId('health'), healthNodes(health));
  const waiting = waitingCalls(model, Date.now() + aheadMs);
  show(byId('waiting'), waitingNodes(waiting));
  // Their time goes on though nothing happens.
  if (waiting.length > 0) drawSoon();
}

function drawLink() {
  byId('link').hidden = link === 'off';
  byId('link').dataset.state = link;
  byId('link-text').textContent = link === 'off' ? '' : word(link);
}

let announced = '';

/** Seen as a list; heard when there is another sentence than before, and not with every call. */
function drawWarnings(warnings) {
  show(
    byId('warnings'),
    warnings.map(({ level, text }) => node('p', { class: 'warning', 'data-level': level }, text)),
  );
  const kinds = currentLanguage() + warnings.map(({ level, text }) => `${level} ${text.split(':')[0]}`).join('|');
  if (kinds === announced) return;
  announced = kinds;
  byId('announcer').textContent = warnings.map(({ text }) => text).join(' ');
}

async function submitKey(key) {
  byId('enter-problem').textContent = '';
  try {
    await enter(key);
    byId('key').value = '';
    await watch();
  } catch (thrown) {
    const text = thrown.status === 401 ? word('wrongKey') : word('noAnswer', { why: thrown.message });
    byId('enter-problem').textContent = text;
  }
}

byId('enter').addEventListener('submit', (event) => {
  event.preventDefault();
  void submitKey(byId('key').value.trim());
});
byId('leave').addEventListener('click', async () => {
  await leave().catch(() => {});
  showEntry();
});
byId('language').addEventListener('change', ({ target }) => {
  remember('language', target.value);
  applyLanguage(target.value);
});
byId('theme').addEventListener('change', ({ target }) => {
  remember('theme', target.value);
  applyTheme(target.value);
});
byId('pause').addEventListener('click', ({ currentTarget }) => {
  paused = !paused;
  currentTarget.setAttribute('aria-pressed', String(paused));
  draw();
});
byId('outcomes').addEventListener('click', ({ target }) => {
  const callId = target.closest('[data-call]')?.dataset.call;
  if (callId !== undefined) void showStory(callId);
});
byId('story-close').addEventListener('click', () => byId('story').close());

applyTheme(remembered('theme', 'auto'));
applyLanguage(remembered('language', navigator.language.slice(0, 2)));

// `npm run demo` prints its own key behind a #, which no browser sends: it is used once and taken out of the address.
const [, given] = /^#key=([\w-]+)$/.exec(location.hash) ?? [];
if (given === undefined) void watch();
else {
  history.replaceState(null, '', location.pathname + location.search);
  byId('enter').hidden = false;
  void submitKey(given);
}
