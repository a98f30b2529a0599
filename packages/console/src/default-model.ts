/** What is asked where nobody has chosen. */
export const defaultModel = 'gemini-3-pro-image-preview';
