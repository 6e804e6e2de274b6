/** `/v1/calls`: what is known of calls, and what agent sources may tell of them (DESIGN §6). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unreachable } from '../base/assert.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallRef, GuardView, LateDisposition, ReportResult } from '../guard/guard-view.ts';
import type { NumberDesk } from '../guard/privacy-port.ts';
import type { Store } from '../guard/store-port.ts';
import { CORRECTION_PERIOD_MS } from '../policy/correction-period.ts';
import { CORRECTIONS_MAX, type CorrectedOutcome, withCorrections } from '../policy/outcome-correction.ts';
import { CALL, CALLS } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import { numberOf, numberQuerySchema } from './number-routes.ts';
import { type Problem, sendProblem } from './problem-document.ts';
import { agentBodySchema, dispositionBodySchema, invalidBody, readBody } from './report-body.ts';

/** Where outcomes are found. */
export type OutcomeStore = Pick<Store, 'findOutcome' | 'correctionsOf'>;

/** The routes; every one of them wants an API key. */
export function callRoutes(guard: GuardView, store: OutcomeStore, numbers: NumberDesk): readonly ApiRoute[] {
  /** A call that the guard has forgotten may be in the store: over, with its class. */
  async function answerReport(reply: FastifyReply, ref: CallRef, report: ReportResult): Promise<FastifyReply> {
    switch (report.result) {
      case 'taken':
        return reply.send(report.call);
      case 'already-ended':
        return sendProblem(reply, alreadyEnded(report.call.class));
      case 'unknown-call': {
        const outcome = await stored(ref);
        return sendProblem(reply, outcome === null ? UNKNOWN_CALL : alreadyEnded(outcome.class));
      }
      default:
        return unreachable(report);
    }
  }

  /** As it stands now, with the history of its corrections. */
  async function stored(ref: CallRef): Promise<CorrectedOutcome | null> {
    const record = await store.findOutcome(ref);
    return record === null ? null : withCorrections(record, await store.correctionsOf(record.callId as CallId));
  }

  return [
    {
      method: 'GET',
      path: '/v1/calls',
      doc: {
        summary: 'The live calls; or those to one number, the latest first.',
        ...{ query: numberQuerySchema, answer: CALLS, problems: [422, 503] },
      },
      async handle(request, reply) {
        const number = numberOf(request.query);
        if (number === null) return reply.send({ calls: guard.liveCalls() });
        if (typeof number !== 'string') return sendProblem(reply, number);
        return reply.send({ calls: await numbers.find(number) });
      },
    },
    {
      method: 'GET',
      path: '/v1/calls/:id',
      doc: {
        summary: "One call by its id or by the Call-ID of the dialer's leg: live, or its outcome with corrections.",
        ...{ answer: CALL, problems: [404, 503] },
      },
      async handle(request, reply) {
        const ref = callRef(request);
        const live = guard.liveCall(ref);
        if (live !== null && live.state !== 'ended') return reply.send(live);
        // Between its end and its outcome a call is still the guard's to show.
        const known = (await stored(ref)) ?? live;
        return known === null ? sendProblem(reply, UNKNOWN_CALL) : reply.send(known);
      },
    },
    {
      method: 'POST',
      path: '/v1/calls/:id/agent',
      doc: {
        summary: 'An agent is on the line of a live call, or has left it.',
        ...{ body: { name: 'AgentReport', schema: agentBodySchema }, answer: CALL, problems: [404, 409, 422, 503] },
      },
      async handle(request, reply) {
        const ref = callRef(request);
        const body = readBody(agentBodySchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        const report =
          body.value.state === 'connected'
            ? guard.agentBridged(ref, { id: body.value.agent, source: 'http' })
            : guard.agentLeft(ref);
        return answerReport(reply, ref, report);
      },
    },
    {
      method: 'POST',
      path: '/v1/calls/:id/disposition',
      doc: {
        summary: 'What answered a call; up to ten minutes after its end it corrects the outcome.',
        body: { name: 'Disposition', schema: dispositionBodySchema },
        ...{ answer: CALL, problems: [404, 409, 422, 503] },
      },
      async handle(request, reply) {
        const ref = callRef(request);
        const body = readBody(dispositionBodySchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        const { answeredBy, method = null } = body.value;
        const report = guard.dispositionReported(ref, { answeredBy, method, source: 'http' });
        return report.result === 'taken' ? reply.send(report.call) : answerLate(reply, await report.settled);
      },
    },
  ];
}

/** A disposition of a call that is over: its outcome as it stands now, or why it stays as it was. */
function answerLate(reply: FastifyReply, late: LateDisposition): FastifyReply {
  switch (late.result) {
    case 'corrected':
    case 'unchanged':
      return reply.send(late.outcome);
    case 'unknown-call':
      return sendProblem(reply, UNKNOWN_CALL);
    case 'unavailable':
      return sendProblem(reply.header('retry-after', '1'), NOT_NOW);
    case 'not-answered':
      return sendProblem(reply, notCorrected(late.outcome, 'Nobody answered this call: there is nothing to find.'));
    case 'too-late':
      return sendProblem(
        reply,
        notCorrected(late.outcome, `The call ended more than ${CORRECTION_PERIOD_MS / 60_000} minutes ago.`),
      );
    case 'too-many-corrections':
      return sendProblem(
        reply,
        notCorrected(late.outcome, `The outcome was corrected ${CORRECTIONS_MAX} times already, which is the most.`),
      );
    default:
      return unreachable(late);
  }
}

const NOT_NOW: Problem = {
  status: 503,
  title: 'Unavailable',
  detail: 'The outcome cannot be corrected at the moment: the store cannot be read, or too many wait for it.',
};

function notCorrected({ class: callClass }: CorrectedOutcome, detail: string): Problem {
  return { status: 409, title: 'Outcome not corrected', detail, fields: { class: callClass } };
}

const UNKNOWN_CALL: Problem = {
  status: 404,
  title: 'Unknown call',
  detail: "There is no call with this id or with this Call-ID on the dialer's leg.",
};

function alreadyEnded(callClass: 'A' | 'B' | null): Problem {
  const verdict = callClass === null ? 'was not answered' : `counts as class ${callClass}`;
  return {
    status: 409,
    title: 'Call already ended',
    detail: `The call ended before this report and ${verdict}.`,
    fields: { class: callClass },
  };
}

/** Our UUID or a Call-ID, percent-decoded by the router. */
function callRef(request: FastifyRequest): CallRef {
  return (request.params as { id: string }).id;
}
