/** `/v1/calls`: what is known of calls, and what agent sources may tell of them (DESIGN §6). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { unreachable } from '../base/assert.ts';
import type { CallRef, GuardView, ReportResult, Store } from '../guard/ports.ts';
import type { ApiRoute } from './api-route.ts';
import { type Problem, sendProblem } from './problem-document.ts';
import { agentBodySchema, dispositionBodySchema, invalidBody, readBody } from './report-body.ts';

/** The routes; every one of them wants an API key. */
export function callRoutes(guard: GuardView, store: Pick<Store, 'findOutcome'>): readonly ApiRoute[] {
  /** A call that the guard has forgotten may be in the store: over, with its class. */
  async function answerReport(reply: FastifyReply, ref: CallRef, report: ReportResult): Promise<FastifyReply> {
    switch (report.result) {
      case 'taken':
        return reply.send(report.call);
      case 'already-ended':
        return sendProblem(reply, alreadyEnded(report.call.class));
      case 'unknown-call': {
        const outcome = await store.findOutcome(ref);
        return sendProblem(reply, outcome === null ? UNKNOWN_CALL : alreadyEnded(outcome.class));
      }
      default:
        return unreachable(report);
    }
  }

  return [
    {
      method: 'GET',
      path: '/v1/calls',
      handle: async (_request, reply) => reply.send({ calls: guard.liveCalls() }),
    },
    {
      method: 'GET',
      path: '/v1/calls/:id',
      async handle(request, reply) {
        const ref = callRef(request);
        const live = guard.liveCall(ref);
        if (live !== null && live.state !== 'ended') return reply.send(live);
        // Between its end and its outcome a call is still the guard's to show.
        const known = (await store.findOutcome(ref)) ?? live;
        return known === null ? sendProblem(reply, UNKNOWN_CALL) : reply.send(known);
      },
    },
    {
      method: 'POST',
      path: '/v1/calls/:id/agent',
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
      async handle(request, reply) {
        const ref = callRef(request);
        const body = readBody(dispositionBodySchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        const { answeredBy, method = null } = body.value;
        return answerReport(reply, ref, guard.dispositionReported(ref, { answeredBy, method, source: 'http' }));
      },
    },
  ];
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
