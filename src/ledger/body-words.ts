/** What the bodies of entries are made of. */
import { z } from 'zod';

export const isoTime = z.iso.datetime().describe('UTC, ISO 8601 with milliseconds');
export const localDay = z.iso.date().describe("YYYY-MM-DD in the jurisdiction's time zone");
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe('SHA-256, hexadecimal');
export const digest = z.string().min(1).describe('HMAC of a number, hexadecimal');
export const callId = z.string().min(1);
