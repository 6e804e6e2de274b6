import type { ThreadLoad } from '../base/thread-load.ts';
import type { EngineStats } from './engine.ts';

/** What the main thread asks of the engine's thread. */
export type EngineCommand = { readonly type: 'stats' | 'load' | 'reload' | 'stop'; readonly id: number };

/** What the engine's thread says. */
export type EngineNotice =
  | {
      readonly type: 'ready';
      readonly controlHost: string;
      readonly controlPort: number;
      readonly secret: string;
      readonly listening: readonly string[];
    }
  | { readonly type: 'not-started'; readonly code: string; readonly message: string }
  | { readonly type: 'contained'; readonly message: string }
  | { readonly type: 'told'; readonly level: 'info' | 'warn'; readonly message: string }
  | { readonly type: 'stats'; readonly id: number; readonly stats: EngineStats }
  | { readonly type: 'load'; readonly id: number; readonly load: ThreadLoad }
  | { readonly type: 'stopped'; readonly id: number };
