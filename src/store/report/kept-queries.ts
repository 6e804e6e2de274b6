/** The SQL of reports that are kept, and of what says whether one is due. */
import { sql } from 'kysely';
import { integer, octets, parameter, query, text, textOrNull } from '../query.ts';

export const selectKept = query({ campaign: textOrNull }, (db, { campaign }) =>
  db
    .selectFrom('reports')
    .selectAll()
    .where(sql<boolean>`(cast(${campaign} as text) is null or campaign = ${campaign})`)
    .orderBy('last_day', 'desc')
    .orderBy('campaign')
    .orderBy('kind')
    .orderBy('revision', 'desc'),
);
export const selectKeptReport = query({ id: text }, (db, { id }) =>
  db.selectFrom('reports').selectAll().where('report_id', '=', id),
);
export const selectKeptFiles = query({ id: text }, (db, { id }) =>
  db.selectFrom('report_files').select(['name', 'content']).where('report_id', '=', id),
);
/** Of one campaign: the latest revision of each period is the last of its rows. */
export const selectKeptPeriods = query({ campaign: text }, (db, { campaign }) =>
  db
    .selectFrom('reports')
    .select(['kind', 'first_day as from', 'revision', 'silent', 'handled', 'machines', 'hung_up as hungUp'])
    .where('campaign', '=', campaign)
    .orderBy('first_day')
    .orderBy('revision'),
);
export const insertReport = query(
  {
    id: text,
    campaign: text,
    kind: parameter<'window' | 'day' | 'range'>(),
    firstDay: text,
    lastDay: text,
    revision: integer,
    language: text,
    madeAt: integer,
    madeBy: text,
    keepUntil: text,
    policy: text,
    fingerprint: text,
    silent: integer,
    handled: integer,
    machines: integer,
    hungUp: integer,
    sha256: text,
  },
  (db, values) =>
    db.insertInto('reports').values({
      report_id: values.id,
      campaign: values.campaign,
      kind: values.kind,
      first_day: values.firstDay,
      last_day: values.lastDay,
      revision: values.revision,
      language: values.language,
      made_at_ms: values.madeAt,
      made_by: values.madeBy,
      keep_until: values.keepUntil,
      policy: values.policy,
      fingerprint: values.fingerprint,
      silent: values.silent,
      handled: values.handled,
      machines: values.machines,
      hung_up: values.hungUp,
      sha256: values.sha256,
    }),
);
export const insertReportFile = query({ id: text, name: text, content: octets }, (db, { id, name, content }) =>
  db.insertInto('report_files').values({ report_id: id, name, content }),
);
export const deleteReportFiles = query({ id: text }, (db, { id }) =>
  db.deleteFrom('report_files').where('report_id', '=', id),
);
export const deleteReport = query({ id: text }, (db, { id }) => db.deleteFrom('reports').where('report_id', '=', id));

/** The next answered call of a campaign from a moment on: days that have one are found a day at a time, by index. */
export const selectNextAnswered = query({ campaign: text, from: integer }, (db, { campaign, from }) =>
  db
    .selectFrom('outcomes')
    .select('answered_at_ms as at')
    .where('campaign', '=', campaign)
    .where('answered_at_ms', 'is not', null)
    .where('answered_at_ms', '>=', from)
    .orderBy('answered_at_ms')
    .limit(1),
);
/** The same of calls that nobody answered. */
export const selectNextUnanswered = query({ campaign: text, from: integer }, (db, { campaign, from }) =>
  db
    .selectFrom('outcomes')
    .select('invited_at_ms as at')
    .where('campaign', '=', campaign)
    .where('answered_at_ms', 'is', null)
    .where('invited_at_ms', '>=', from)
    .orderBy('invited_at_ms')
    .limit(1),
);
/** Calls that go on, of all processes. */
export const selectLive = query({}, (db) => db.selectFrom('open_calls').select(['dossier', 'state']));
