/** `GET /v1/calls/{id}/story`: what is known of one call, as JSON or as a page of text. */
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import type { StoryStore } from '../guard/story-port.ts';
import { REPORT_LANGUAGES } from '../ledger/report/report-language.ts';
import { callStory, callStorySchema } from '../ledger/story/call-story.ts';
import { storyText } from '../ledger/story/story-text.ts';
import type { ApiRoute } from './api-route.ts';
import { type Problem, sendProblem } from './problem-document.ts';

const querySchema = z.strictObject({
  language: z.enum(REPORT_LANGUAGES).default('en').describe('of what it says in words'),
  format: z.enum(['json', 'text']).default('json').describe('text: one readable page'),
});

/** It wants an API key. */
export function storyRoutes(stories: StoryStore): readonly ApiRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/calls/:id/story',
      doc: {
        summary: "One call's story, with its ledger entries verified there and then.",
        ...{ query: querySchema, answer: { name: 'CallStory', schema: callStorySchema }, problems: [404, 422, 503] },
      },
      async handle(request, reply) {
        const query = querySchema.safeParse(request.query);
        if (!query.success) return sendProblem(reply, BAD_QUERY);
        const { language, format } = query.data;
        const evidence = await stories.storyOf((request.params as { id: string }).id);
        if (evidence === null) return sendProblem(reply, NO_STORY);
        const story = callStory(evidence, language, systemClock.now().wallMs);
        return format === 'json' ? reply.send(story) : reply.type('text/plain; charset=utf-8').send(storyText(story));
      },
    },
  ];
}

const BAD_QUERY: Problem = {
  status: 422,
  title: 'Invalid query',
  detail: '`language` is it or en, `format` is json or text.',
};

const NO_STORY: Problem = {
  status: 404,
  title: 'Unknown call',
  detail: "No call with this id, or with this Call-ID on the dialer's leg, has ended.",
};
