/** The request of the API's reference page. */
export const panda = {
  model: 'gemini-3-pro-image-preview',
  payload: { prompt: 'A panda making latte art in a cozy cafe', image_size: '1K', aspect_ratio: '1:1' },
} as const;

/** Where requests are submitted and, with an id behind it, read. */
export const requestsPath = '/api/v1/ie/requestqueue/apikey/requests';
