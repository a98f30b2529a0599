import type { Retirement } from '../../models/model-spec.ts';

const deprecations = "Google's deprecation page of the Gemini API, 2026.";

const imagen = { on: '2026-08-17', source: deprecations };

/**
 * Ids that Google has ended and that clients still hold. Ids of previews whose models live on are entries or aliases instead, since
 * they mean the same model.
 */
export const retiredModels: Readonly<Record<string, Retirement>> = {
  'gemini-2.5-flash-image': { on: '2026-10-02', replacement: 'gemini-nano-banana-2.1', source: deprecations },
  'gemini-2.5-flash-image-preview': {
    on: '2025-10-31',
    replacement: 'gemini-nano-banana-2.1',
    source: "Google's notice of autumn 2025.",
  },
  'gemini-2.0-flash-preview-image-generation': {
    on: '2025-10-31',
    replacement: 'gemini-nano-banana-2.1',
    source: "Google's notice of autumn 2025.",
  },
  'imagen-3.0-generate-002': { ...imagen, replacement: 'gemini-nano-banana-2.1' },
  'imagen-4.0-generate-001': { ...imagen, replacement: 'gemini-nano-banana-2.1' },
  'imagen-4.0-fast-generate-001': { ...imagen, replacement: 'gemini-3.1-flash-lite-image' },
  'imagen-4.0-ultra-generate-001': { ...imagen, replacement: 'gemini-3-pro-image' },
};
