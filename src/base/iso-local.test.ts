import { expect, it } from 'vitest';
import type { WallMs } from './clock.ts';
import { isoLocal } from './iso-local.ts';

it.each([
  ['Europe/Rome', '2026-11-22T09:15:07.214Z', '2026-11-22 10:15:07.214 +01:00'],
  ['Europe/Rome', '2026-10-25T00:30:00.000Z', '2026-10-25 02:30:00.000 +02:00'],
  ['Europe/Rome', '2026-10-25T01:30:00.000Z', '2026-10-25 02:30:00.000 +01:00'],
  ['America/St_Johns', '2026-01-01T02:00:59.999Z', '2025-12-31 22:30:59.999 -03:30'],
  ['UTC', '2026-11-22T23:59:59.999Z', '2026-11-22 23:59:59.999 +00:00'],
])('%s shows %s as %s', (zone, utc, local) => expect(isoLocal(zone, Date.parse(utc) as WallMs)).toBe(local));
