/** What is shown, as it comes from an overview and changes with events. No document and no network here. */

/** Rows of the list of outcomes. */
export const OUTCOMES_SHOWN = 30;

/** Calls drawn one by one while they wait; the tile has them all. */
export const WAITING_SHOWN = 24;

/** After the end of its wait a call is drawn for so long, should nobody tell what became of it, ms. */
const FORGET_AFTER_MS = 2_000;

/** Nothing is known yet. */
export function emptyModel() {
  return {
    /** @type {any} */ overview: null,
    /** @type {Map<string, any>} */ waiting: new Map(),
    /** @type {any[]} */ outcomes: [],
    /** Calls seen to end since the overview, which may have been taken while they waited. */
    /** @type {Set<string>} */ ended: new Set(),
  };
}

/** @typedef {ReturnType<typeof emptyModel>} Model */

/** An overview takes the place of all, but for what events have told since. @param {Model} model @param {any} overview */
export function takeOverview(model, overview) {
  model.overview = overview;
  model.waiting = new Map(
    overview.calls.waiting.filter((call) => !model.ended.has(call.callId)).map((call) => [call.callId, call]),
  );
  const known = new Set(model.outcomes.map(({ callId }) => callId));
  const older = overview.outcomes.filter(({ callId }) => !known.has(callId));
  model.outcomes = [...model.outcomes, ...older]
    .sort((a, b) => b.times.ended.localeCompare(a.times.ended))
    .slice(0, OUTCOMES_SHOWN);
}

/**
 * @param {Model} model
 * @param {string} type
 * @param {any} data
 * @returns {boolean} whether counts in the database may have moved
 */
export function takeEvent(model, type, data) {
  switch (type) {
    case 'call.answered':
      if (data.waitEndsAt !== null) model.waiting.set(data.callId, data);
      return true;
    case 'call.agent_bridged':
      model.waiting.delete(data.callId);
      return true;
    case 'call.outcome':
      model.waiting.delete(data.callId);
      model.ended.add(data.callId);
      if (model.ended.size > 2_000) model.ended = new Set([...model.ended].slice(-1_000));
      model.outcomes = [lineOf(data), ...model.outcomes.filter(({ callId }) => callId !== data.callId)].slice(
        0,
        OUTCOMES_SHOWN,
      );
      return true;
    case 'call.outcome_corrected':
      model.outcomes = model.outcomes.map((one) => (one.callId === data.callId ? lineOf(data) : one));
      return true;
    case 'refusals':
    case 'health':
      if (model.overview !== null) model.overview = { ...model.overview, [type]: data };
      return false;
    default:
      return true;
  }
}

/** The calls to draw, longest waiting first. @param {Model} model @param {number} nowMs the server's time */
export function waitingCalls(model, nowMs) {
  for (const [callId, { waitEndsAt }] of model.waiting)
    if (Date.parse(waitEndsAt) + FORGET_AFTER_MS < nowMs) model.waiting.delete(callId);
  return [...model.waiting.values()]
    .sort((a, b) => (a.answeredAt < b.answeredAt ? -1 : 1))
    .slice(0, WAITING_SHOWN)
    .map((call) => {
      const limitMs = Date.parse(call.waitEndsAt) - Date.parse(call.answeredAt);
      const waitedMs = Math.max(0, Math.min(limitMs, nowMs - Date.parse(call.answeredAt)));
      return { call, limitMs, waitedMs };
    });
}

/** How near a period is to its limit. @param {any} figures @returns {'within' | 'near' | 'breached' | 'free'} */
export function levelOf(figures) {
  if (figures.limit === null) return 'free';
  if (figures.verdict === 'breached') return 'breached';
  const { ratio, limit } = figures;
  // Four fifths of it, as integers: where the webhooks warn for the second time.
  return ratio.silent > 0 && ratio.silent * limit.of * 100 >= 80 * limit.silent * ratio.answered ? 'near' : 'within';
}

function lineOf({ sip: { carrier, status, q850 }, ...record }) {
  return { ...record, carrier, status, q850 };
}
