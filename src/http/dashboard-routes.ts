/** `GET /`: the dashboard, one page with its files. Open, as it shows nothing without a session. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiRoute } from './api-route.ts';
import { sendProblem } from './problem-document.ts';

/** Not compiled, and so at the same place beside `dist` as beside the sources. */
const FOLDER = new URL('../../src/http/dashboard/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Nothing but the page's own files is loaded or asked, no script is made of text, and no other page shows it in a frame.
 * Styles are set by the page's script (CSSOM), which this does not concern.
 */
const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'x-frame-options': 'DENY',
};

type Asset = { readonly octets: Buffer; readonly type: string; readonly etag: string };

/** The routes; their files are read now. */
export function dashboardRoutes(): readonly ApiRoute[] {
  const assets = new Map(readdirSync(FOLDER).flatMap((name) => assetOf(name)));
  const doc = (summary: string, mediaType: string) => ({
    summary,
    answer: { mediaType, description: 'A file of the dashboard.' },
    problems: [],
  });
  return [
    {
      method: 'GET',
      path: '/',
      isOpen: true,
      doc: doc('The dashboard, a page for a browser.', 'text/html'),
      handle: async (request, reply) => send(assets.get('index.html'), request, reply),
    },
    {
      method: 'GET',
      path: '/dashboard/:file',
      isOpen: true,
      doc: { ...doc("The page's scripts and styles.", '*/*'), problems: [404] },
      handle: async (request, reply) => send(assets.get((request.params as { file: string }).file), request, reply),
    },
  ];
}

function assetOf(name: string): [string, Asset][] {
  const type = TYPES[extname(name)];
  if (type === undefined) return [];
  const octets = readFileSync(new URL(name, FOLDER));
  return [[name, { octets, type, etag: `"${createHash('sha256').update(octets).digest('base64url')}"` }]];
}

function send(asset: Asset | undefined, { headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (asset === undefined) return sendProblem(reply, UNKNOWN);
  const { octets, type, etag } = asset;
  // Looked at again each time, so that an updated Brusio has no old page; it may be kept, as it tells nothing.
  reply.headers({ ...PAGE_HEADERS, 'cache-control': 'no-cache', etag });
  return headers['if-none-match'] === etag ? reply.code(304).send() : reply.type(type).send(octets);
}

const UNKNOWN = { status: 404, title: 'Not found', detail: 'The dashboard has no such file.' };
