/** The model that is used until the reader chooses one. */
export const defaultModel = 'gemini-3-pro-image-preview';
