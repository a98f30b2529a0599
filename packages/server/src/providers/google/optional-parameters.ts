import type { OptionalParameter } from '@darkroom/protocol';

/** What Google's models take beyond what every model does; only some of them take `thinking_level`. */
export const optionalParameters = [
  'system_instruction',
  'temperature',
  'top_p',
  'seed',
  'safety_settings',
  'thinking_level',
  'google_search',
] as const satisfies readonly OptionalParameter[];
