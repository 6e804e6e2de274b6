/** `/v1/campaigns`: how many of a campaign's agents could take a call. */
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import type { GuardView } from '../guard/guard-view.ts';
import { FREE_AGENTS } from './answer-schemas.ts';
import type { ApiRoute } from './api-route.ts';
import { type Problem, sendProblem } from './problem-document.ts';
import { invalidBody, readBody } from './report-body.ts';

/** More than any call centre has: a typing error. */
const FREE_AGENTS_MAX = 100_000;

/** Body of `PUT /v1/campaigns/{id}/agents`. */
const freeAgentsSchema = z.strictObject({ free: z.int().min(0).max(FREE_AGENTS_MAX) });

/** As a campaign's header may name it. */
const CAMPAIGN = /^[^\p{Cc}]{1,128}$/u;

/** The routes; every one of them wants an API key. */
export function campaignRoutes({ freeAgents }: Pick<GuardView, 'freeAgents'>): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/campaigns/:id/agents',
      doc: { summary: "How many of a campaign's agents could take a call.", answer: FREE_AGENTS, problems: [404] },
      async handle(request, reply) {
        const known = freeAgents.of(campaignOf(request));
        return known === null ? sendProblem(reply, UNKNOWN) : reply.send(known);
      },
    },
    {
      method: 'PUT',
      path: '/v1/campaigns/:id/agents',
      doc: {
        summary: "Tells how many of a campaign's agents could take a call.",
        ...{ body: { name: 'FreeAgentsReport', schema: freeAgentsSchema }, answer: FREE_AGENTS, problems: [422, 507] },
      },
      async handle(request, reply) {
        const campaign = campaignOf(request);
        if (!CAMPAIGN.test(campaign)) return sendProblem(reply, BAD_CAMPAIGN);
        const body = readBody(freeAgentsSchema, request.body);
        if (!body.ok) return sendProblem(reply, invalidBody(body.problem));
        const kept = freeAgents.report('http', campaign, campaign, body.value.free, systemClock.now());
        return kept ? reply.send(freeAgents.of(campaign)) : sendProblem(reply, TOO_MANY);
      },
    },
  ];
}

const UNKNOWN: Problem = {
  status: 404,
  title: 'Not known',
  detail: 'Nobody has told lately how many agents of this campaign are free.',
};

const BAD_CAMPAIGN: Problem = {
  status: 422,
  title: 'Invalid campaign',
  detail: 'A campaign has 1 to 128 characters and no control characters.',
};

const TOO_MANY: Problem = {
  status: 507,
  title: 'Too many campaigns',
  detail: 'Free agents of so many campaigns are known that there is no room for another.',
};

function campaignOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}
